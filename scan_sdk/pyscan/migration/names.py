"""What PyScanClient calls its parts, where they are found, and what each can become."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BUILDERS",
    "CLIENT_METHODS",
    "COMMANDS",
    "COMMAND_METHODS",
    "DATA_FUNCTIONS",
    "INFO_METHODS",
    "MODERN",
    "MODULES",
    "NEUTRAL",
    "PUBLIC",
    "starred",
]

COMMANDS: Final = frozenset(
    {
        "CommandSequence",
        "Comment",
        "ConfigLog",
        "Delay",
        "If",
        "Include",
        "Log",
        "Loop",
        "Parallel",
        "Script",
        "Sequence",
        "Set",
        "Wait",
    }
)
"""Commands, and the list of them: the same names in `scan_sdk`, with other arguments."""
DATA_FUNCTIONS: Final = frozenset({"createTable", "iterateSamples"})
"""What takes the logged data that a client returned, and has a modern spelling."""
BUILDERS: Final = frozenset(
    {
        "AlignmentScan",
        "DeviceSettings",
        "ScanSettings",
        "SettingsBasedLoop",
        "SettingsBasedSet",
        "SettingsBasedWait",
        "TableScan",
        "createNDimScan",
        "getScanSettings",
        "loadTableScan",
        "setScanSettings",
    }
)
"""What makes commands by rules that the whole program shares."""
NEUTRAL: Final = frozenset(
    {
        "Data",
        "ScanInfo",
        "alignSerial",
        "alignTime",
        "readSpreadsheet",
        "writeSpreadsheet",
        "formatSecondsAsTime",
        "getDatetime",
        "getTable",
        "getTimeSeries",
        "iterateTable",
        "parseSeconds",
        "parseXMLData",
    }
)
"""Functions and classes that work on what they are given, whichever client there is."""
PUBLIC: Final = COMMANDS | DATA_FUNCTIONS | BUILDERS | NEUTRAL | {"Command", "ScanClient"}
"""All names that scripts import."""
MODERN: Final = COMMANDS | {"Command", "ScanClient"}
"""Those that `scan_sdk` has."""

_CLIENT = frozenset(
    {
        "ScanClient",
        "getDatetime",
        "iterateSamples",
        "iterateTable",
        "createTable",
        "Data",
        "getTimeSeries",
        "alignSerial",
        "getTable",
    }
)
_COMMANDS = COMMANDS | {"Command"}
_SETTINGS = frozenset(
    {"ScanSettings", "setScanSettings", "SettingsBasedLoop", "SettingsBasedSet", "SettingsBasedWait"}
)
_ALL = _CLIENT | _COMMANDS | _SETTINGS | {"createNDimScan", "TableScan", "loadTableScan"}
MODULES: Final[dict[str, frozenset[str]]] = {
    "scan": _ALL,
    "scan.alignment": frozenset({"AlignmentScan"}),
    "scan.client": _CLIENT,
    "scan.client.data": frozenset(
        {"Data", "getDatetime", "getTimeSeries", "alignSerial", "alignTime", "getTable"}
    ),
    "scan.client.logdata": frozenset(
        {"parseXMLData", "getDatetime", "iterateSamples", "iterateTable", "createTable"}
    ),
    "scan.client.scanclient": frozenset({"ScanClient", "ScanInfo", "CommandSequence", "parseXMLData"}),
    "scan.client.scaninfo": frozenset({"ScanInfo"}),
    "scan.commands": _COMMANDS,
    **{f"scan.commands.{name.lower()}": frozenset({name, "Command"}) for name in COMMANDS - {"If"}},
    "scan.commands.command": frozenset({"Command"}),
    "scan.commands.iff": frozenset({"If", "Command"}),
    "scan.ndim": frozenset({"createNDimScan", "SettingsBasedLoop", "Command", "Log"}),
    "scan.table": frozenset({"TableScan", "loadTableScan"}),
    "scan.table.table_scan": frozenset({"TableScan", "loadTableScan", "parseSeconds"}),
    "scan.util": _SETTINGS,
    "scan.util.scan_settings": _SETTINGS | {"getScanSettings", "DeviceSettings", "Set", "Loop", "Wait"},
    "scan.util.spreadsheet": frozenset({"readSpreadsheet", "writeSpreadsheet"}),
    "scan.util.seconds": frozenset({"parseSeconds", "formatSecondsAsTime"}),
}
"""The modules that scripts import from, and what `import *` brings from each."""


def starred(module: str) -> frozenset[str]:
    """Return the names that `from module import *` brings."""
    return MODULES.get(module, frozenset())


CLIENT_METHODS: Final = {
    "abort": "abort",
    "clear": "clear",
    "delete": "delete",
    "getData": "get_data",
    "lastSerial": "last_serial",
    "patch": "patch",
    "pause": "pause",
    "resume": "resume",
    "scanCmds": "scan_commands",
    "scanDevices": "scan_devices",
    "scanInfo": "scan_info",
    "scanInfos": "scan_infos",
    "serverInfo": "server_info",
    "simulate": "simulate",
    "submit": "submit",
    "waitUntilDone": "wait_until_done",
}
"""The methods of the old client, and what they are called now."""
INFO_METHODS: Final = frozenset({"createdDatetime", "isDone", "percentage"})
"""The methods of the old description of a scan, which are attributes now."""
COMMAND_METHODS: Final = frozenset(
    {
        "genSCN",
        "genXML",
        "getBody",
        "getDevice",
        "setComparison",
        "setCompletion",
        "setReadback",
        "setTimeout",
        "setTolerance",
    }
)
"""Methods that only the old commands have: the new ones cannot be changed once they are built."""

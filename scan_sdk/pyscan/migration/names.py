"""What PyScanClient calls its parts, where they are found, and what each can become."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Final

from scan_sdk import pyscan
from scan_sdk.pyscan import blocks, modules, simple

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS: Final = frozenset({"CommandSequence", *simple.__all__, *blocks.__all__})
"""Commands, and the list of them: the same names in `scan_sdk`, with other arguments."""
DATA_FUNCTIONS: Final = frozenset({"createTable", "iterateSamples"})
"""What takes the logged data that a client returned, and has a modern spelling."""
OF_SETTINGS: Final = frozenset({"SettingsBasedLoop", "SettingsBasedSet", "SettingsBasedWait"})
"""What makes a command by the settings in force."""
BUILDERS: Final = OF_SETTINGS | {
    "AlignmentScan",
    "DeviceSettings",
    "ScanSettings",
    "TableScan",
    "createNDimScan",
    "getScanSettings",
    "loadTableScan",
    "setScanSettings",
}
"""What makes commands by rules that the whole program shares."""
PUBLIC: Final = frozenset(pyscan.__all__) - {"install", "legacy_of", "modern_of"}
"""All names that scripts import."""
_BROUGHT = {
    module: PUBLIC.intersection(" ".join(homes.values()).split()) for module, homes in modules.MODULES.items()
}
MODULES: Final = {module: names for module, names in _BROUGHT.items() if names}
"""The modules that scripts import from, and what `import *` brings from each; inner ones have none."""


def places_of(function: Callable[..., object]) -> tuple[str, ...]:
    """Return the parameters of a function that can be given by place, `self` left out."""
    parameters = signature(function).parameters.values()
    return tuple(
        item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD and item.name != "self"
    )


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

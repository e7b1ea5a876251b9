"""The modules of PyScanClient, by the names under which old scripts import them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

from scan_sdk.pyscan import blocks, simple

__all__ = ["MODULES", "__version__", "install", "version_history"]

__version__ = "1.10.1"
"""The version of PyScanClient whose names and behaviour these are."""
version_history = f"{__version__} - The names of PyScanClient, on scan_sdk\n"
"""What old scripts may print of the version."""

_HERE = "scan_sdk.pyscan"
_COMMANDS = " ".join(simple.__all__)
_BLOCKS = " ".join(blocks.__all__)
_TABLES = "TableScan loadTableScan"
_SETTINGS = "ScanSettings setScanSettings SettingsBasedLoop SettingsBasedSet SettingsBasedWait"
_VERSION = {"modules": "__version__ version_history"}
_ALL_COMMANDS = {
    "sequence": "CommandSequence",
    "command": "Command",
    "simple": _COMMANDS,
    "blocks": _BLOCKS,
}
_CLIENT = {
    "client": "ScanClient",
    "logdata": "createTable getDatetime iterateSamples iterateTable",
    "data": "Data alignSerial getTable getTimeSeries",
}
MODULES: Final[dict[str, dict[str, str]]] = {
    "scan": {
        **_VERSION,
        **_CLIENT,
        **_ALL_COMMANDS,
        "settings": _SETTINGS,
        "ndim": "createNDimScan",
        "table": _TABLES,
    },
    "scan.version": _VERSION,
    "scan.client": _CLIENT,
    "scan.client.scanclient": {
        "client": "ScanClient",
        "scaninfo": "ScanInfo",
        "sequence": "CommandSequence",
        "logdata": "parseXMLData",
    },
    "scan.client.scaninfo": {"scaninfo": "ScanInfo"},
    "scan.client.logdata": {"logdata": "parseXMLData createTable getDatetime iterateSamples iterateTable"},
    "scan.client.data": {"data": "Data alignSerial alignTime getDatetime getTable getTimeSeries"},
    "scan.commands": _ALL_COMMANDS,
    "scan.commands.command": {"command": "Command"},
    "scan.commands.iff": {"blocks": "If", "command": "Command"},
    **{
        f"scan.commands.{name.lower()}": {home: name, "command": "Command"}
        for home in ("sequence", "simple", "blocks")
        for name in _ALL_COMMANDS[home].split()
        if name != "If"
    },
    "scan.util": {"settings": _SETTINGS},
    "scan.util.scan_settings": {
        "settings": f"DeviceSettings getScanSettings {_SETTINGS}",
        "simple": "Set Wait",
        "blocks": "Loop",
    },
    "scan.util.seconds": {"seconds": "formatSecondsAsTime parseSeconds"},
    "scan.util.spreadsheet": {"spreadsheet": "readSpreadsheet writeSpreadsheet"},
    "scan.util.csvtable": {"spreadsheet": "WRITE_TYPES readCsv writeCsv"},
    "scan.util.excel": {"spreadsheet": "readExcel"},
    "scan.util.gnumeric": {"spreadsheet": "readGnumeric"},
    "scan.util.xml_helper": {"xml_helper": "XML_HEADER indent"},
    "scan.table": {"table": _TABLES},
    "scan.table.table_scan": {"table": _TABLES, "seconds": "parseSeconds"},
    "scan.table.range_helper": {
        "ranges": "range_matcher loop_matcher getRangeOrLoop getIterable expandRangeInRow expandRanges"
    },
    "scan.ndim": {
        "ndim": "createNDimScan",
        "settings": "SettingsBasedLoop",
        "command": "Command",
        "simple": "Log",
    },
    "scan.alignment": {"alignment": "AlignmentScan"},
}
"""The modules of PyScanClient, and for each the modules here that its names come from.

Names that a module has only as it imports them itself are among them: scripts take them from there, too.
"""


def install() -> None:
    """Make `import scan`, and all its modules, mean what is here; a second time it changes nothing.

    Old scripts then run as they are, in this process. PyScanClient itself may be installed as well: it is
    not looked for any more.

    Raises:
        ImportError: Another package `scan` has been imported already.

    Example:
        >>> from scan_sdk import pyscan
        >>> pyscan.install()
        >>> from scan.commands.loop import Loop
        >>> Loop("motor_x", 1, 5, 1)
        Loop('motor_x', 1, 5, 1)
    """
    there = sys.modules.get("scan")
    if isinstance(there, _Module):
        return
    if there is not None:
        place = getattr(there, "__file__", None) or "an unknown place"
        raise ImportError(
            f"another package called scan was imported already, from {place}: "
            "call scan_sdk.pyscan.install() before anything imports scan"
        )
    made = {name: _Module(name, homes) for name, homes in MODULES.items()}
    for name, module in made.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(made[parent], last, module)
    sys.modules.update(made)


class _Module(ModuleType):
    """A module of PyScanClient with its names."""

    def __init__(self, name: str, homes: dict[str, str]) -> None:
        super().__init__(name, f"The names of PyScanClient's `{name}`, from `{_HERE}`.")
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__path__ = []  # there are no modules but those in the table
        self.__all__: list[str] = []
        for home, names in homes.items():
            source = import_module(f"{_HERE}.{home}")
            for one in names.split():
                setattr(self, one, getattr(source, one))
                if not one.startswith("_"):
                    self.__all__.append(one)

"""A typed Python SDK for the CS-Studio/Phoebus scan server, with a scan server of its own.

Names are imported when they are first used, so that `import scan_sdk` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from scan_sdk import errors

if TYPE_CHECKING:
    from scan_sdk.async_client import AsyncScanClient
    from scan_sdk.client import ScanClient
    from scan_sdk.compose.alignment import Alignment, AlignmentResult
    from scan_sdk.compose.grid import GridScan, Range, Values
    from scan_sdk.compose.settings import DeviceRule, DeviceSettings, ScanSettings
    from scan_sdk.compose.spreadsheets import Sheet, read_sheet, sheet_names, write_sheet
    from scan_sdk.compose.table import TableScan
    from scan_sdk.configuration import load_config
    from scan_sdk.data import DeviceLog, ScanData, Table
    from scan_sdk.errors import (
        AccessRefused,
        AlignmentFailed,
        CellProblem,
        CommandRefused,
        ConnectError,
        DataFileError,
        ExtensionError,
        InvalidCommands,
        InvalidConfig,
        InvalidScript,
        InvalidSettings,
        InvalidTable,
        MissingExtra,
        NotTabular,
        ProtocolError,
        ReplyTimeout,
        ScanAborted,
        ScanFailed,
        ScanLogged,
        ScanOutcomeError,
        ScanRejected,
        ScanSdkError,
        ServerError,
        TableFileError,
        TransportError,
        UnknownScan,
        WaitTimeout,
    )
    from scan_sdk.estimates import Estimates, TimeBasis, TimeLeft
    from scan_sdk.lint import Finding, check
    from scan_sdk.models import (
        CellSource,
        Command,
        Comment,
        Comparison,
        ConfigLog,
        Delay,
        DeviceInfo,
        If,
        Include,
        Log,
        Loop,
        OtherCommand,
        Parallel,
        Patch,
        PvConfig,
        ScanConfig,
        ScanInfo,
        ScanServerInfo,
        ScanState,
        Script,
        Sequence,
        Set,
        SimulationResult,
        Source,
        TextSource,
        Wait,
    )
    from scan_sdk.sequence import CommandSequence
    from scan_sdk.simulation import DeviceTime, LocalSimulation, LoopTotals, simulate

__version__ = "0.1.0"

__all__ = [
    "AccessRefused",
    "Alignment",
    "AlignmentFailed",
    "AlignmentResult",
    "AsyncScanClient",
    "CellProblem",
    "CellSource",
    "Command",
    "CommandRefused",
    "CommandSequence",
    "Comment",
    "Comparison",
    "ConfigLog",
    "ConnectError",
    "DataFileError",
    "Delay",
    "DeviceInfo",
    "DeviceLog",
    "DeviceRule",
    "DeviceSettings",
    "DeviceTime",
    "Estimates",
    "ExtensionError",
    "Finding",
    "GridScan",
    "If",
    "Include",
    "InvalidCommands",
    "InvalidConfig",
    "InvalidScript",
    "InvalidSettings",
    "InvalidTable",
    "LocalSimulation",
    "Log",
    "Loop",
    "LoopTotals",
    "MissingExtra",
    "NotTabular",
    "OtherCommand",
    "Parallel",
    "Patch",
    "ProtocolError",
    "PvConfig",
    "Range",
    "ReplyTimeout",
    "ScanAborted",
    "ScanClient",
    "ScanConfig",
    "ScanData",
    "ScanFailed",
    "ScanInfo",
    "ScanLogged",
    "ScanOutcomeError",
    "ScanRejected",
    "ScanSdkError",
    "ScanServerInfo",
    "ScanSettings",
    "ScanState",
    "Script",
    "Sequence",
    "ServerError",
    "Set",
    "Sheet",
    "SimulationResult",
    "Source",
    "Table",
    "TableFileError",
    "TableScan",
    "TextSource",
    "TimeBasis",
    "TimeLeft",
    "TransportError",
    "UnknownScan",
    "Values",
    "Wait",
    "WaitTimeout",
    "__version__",
    "check",
    "load_config",
    "read_sheet",
    "sheet_names",
    "simulate",
    "write_sheet",
]

_HOME = {
    "Alignment": "compose.alignment",
    "AlignmentResult": "compose.alignment",
    "AsyncScanClient": "async_client",
    "CommandSequence": "sequence",
    "DeviceLog": "data",
    "DeviceRule": "compose.settings",
    "DeviceSettings": "compose.settings",
    "DeviceTime": "simulation",
    "Estimates": "estimates",
    "GridScan": "compose.grid",
    "LocalSimulation": "simulation",
    "LoopTotals": "simulation",
    "Range": "compose.grid",
    "Finding": "lint",
    "ScanClient": "client",
    "ScanData": "data",
    "ScanSettings": "compose.settings",
    "Sheet": "compose.spreadsheets",
    "Table": "data",
    "TimeBasis": "estimates",
    "TimeLeft": "estimates",
    "Values": "compose.grid",
    "TableScan": "compose.table",
    "check": "lint",
    "load_config": "configuration",
    "read_sheet": "compose.spreadsheets",
    "sheet_names": "compose.spreadsheets",
    "simulate": "simulation",
    "write_sheet": "compose.spreadsheets",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'scan_sdk' has no attribute '{name}'")
    home = _HOME.get(name) or ("errors" if name in errors.__all__ else "models")
    value = getattr(import_module(f"scan_sdk.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

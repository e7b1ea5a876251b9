"""A typed Python SDK for the CS-Studio/Phoebus scan server, with a scan server of its own.

Names are imported when they are first used, so that `import scan_sdk` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from scan_sdk import errors

if TYPE_CHECKING:
    # Repeated names and stars are public too; a literal __all__ would leave out what a schema adds to models
    from scan_sdk.async_client import AsyncScanClient as AsyncScanClient
    from scan_sdk.client import ScanClient as ScanClient
    from scan_sdk.compose.alignment import Alignment as Alignment
    from scan_sdk.compose.alignment import AlignmentResult as AlignmentResult
    from scan_sdk.compose.grid import GridScan as GridScan
    from scan_sdk.compose.grid import Range as Range
    from scan_sdk.compose.grid import Values as Values
    from scan_sdk.compose.settings import DeviceRule as DeviceRule
    from scan_sdk.compose.settings import DeviceSettings as DeviceSettings
    from scan_sdk.compose.settings import ScanSettings as ScanSettings
    from scan_sdk.compose.spreadsheets import Sheet as Sheet
    from scan_sdk.compose.spreadsheets import read_sheet as read_sheet
    from scan_sdk.compose.spreadsheets import sheet_names as sheet_names
    from scan_sdk.compose.spreadsheets import write_sheet as write_sheet
    from scan_sdk.compose.table import TableScan as TableScan
    from scan_sdk.configuration import load_config as load_config
    from scan_sdk.data import DeviceLog as DeviceLog
    from scan_sdk.data import ScanData as ScanData
    from scan_sdk.data import Table as Table
    from scan_sdk.errors import *  # noqa: F403
    from scan_sdk.estimates import Estimates as Estimates
    from scan_sdk.estimates import TimeBasis as TimeBasis
    from scan_sdk.estimates import TimeLeft as TimeLeft
    from scan_sdk.lint import Finding as Finding
    from scan_sdk.lint import check as check
    from scan_sdk.models import *  # noqa: F403
    from scan_sdk.sequence import CommandSequence as CommandSequence
    from scan_sdk.simulation import DeviceTime as DeviceTime
    from scan_sdk.simulation import LocalSimulation as LocalSimulation
    from scan_sdk.simulation import LoopTotals as LoopTotals
    from scan_sdk.simulation import simulate as simulate

__version__ = "0.1.0"

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
    "Finding": "lint",
    "GridScan": "compose.grid",
    "LocalSimulation": "simulation",
    "LoopTotals": "simulation",
    "Range": "compose.grid",
    "ScanClient": "client",
    "ScanData": "data",
    "ScanSettings": "compose.settings",
    "Sheet": "compose.spreadsheets",
    "Table": "data",
    "TableScan": "compose.table",
    "TimeBasis": "estimates",
    "TimeLeft": "estimates",
    "Values": "compose.grid",
    "check": "lint",
    "load_config": "configuration",
    "read_sheet": "compose.spreadsheets",
    "sheet_names": "compose.spreadsheets",
    "simulate": "simulation",
    "write_sheet": "compose.spreadsheets",
}


if not TYPE_CHECKING:  # for type checkers a name is there or not

    def __getattr__(name: str) -> object:
        if name == "__all__":
            models = import_module("scan_sdk.models").__all__
            value: object = sorted({*_HOME, *errors.__all__, *models, "__version__"})
        elif name.startswith("__"):
            raise AttributeError(f"module 'scan_sdk' has no attribute '{name}'")
        else:
            home = _HOME.get(name) or ("errors" if name in errors.__all__ else "models")
            module = import_module(f"scan_sdk.{home}")
            if home == "models" and name not in module.__all__:
                raise AttributeError(f"module 'scan_sdk' has no attribute '{name}'")
            value = getattr(module, name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return __getattr__("__all__")

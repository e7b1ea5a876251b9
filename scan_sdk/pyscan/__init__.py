"""PyScanClient's names and behaviour, for scripts that say `from scan import *`.

Run such a script as it is with `scan-sdk pyscan script.py`; or call `install()` before it imports `scan`; or
write `from scan_sdk.pyscan import *`, which editors and type checkers understand.

Each name stands on the modern one that its docstring names.
"""

from scan_sdk.pyscan.alignment import AlignmentScan
from scan_sdk.pyscan.blocks import If, Loop, Parallel, Sequence
from scan_sdk.pyscan.client import ScanClient
from scan_sdk.pyscan.command import Command, legacy_of
from scan_sdk.pyscan.conversion import modern_of
from scan_sdk.pyscan.data import Data, alignSerial, alignTime, getTable, getTimeSeries
from scan_sdk.pyscan.logdata import createTable, getDatetime, iterateSamples, iterateTable, parseXMLData
from scan_sdk.pyscan.modules import install
from scan_sdk.pyscan.ndim import createNDimScan
from scan_sdk.pyscan.scaninfo import ScanInfo
from scan_sdk.pyscan.seconds import formatSecondsAsTime, parseSeconds
from scan_sdk.pyscan.sequence import CommandSequence
from scan_sdk.pyscan.settings import (
    DeviceSettings,
    ScanSettings,
    SettingsBasedLoop,
    SettingsBasedSet,
    SettingsBasedWait,
    getScanSettings,
    setScanSettings,
)
from scan_sdk.pyscan.simple import Comment, ConfigLog, Delay, Include, Log, Script, Set, Wait
from scan_sdk.pyscan.spreadsheet import readSpreadsheet, writeSpreadsheet
from scan_sdk.pyscan.table import TableScan, loadTableScan

__all__ = [
    "AlignmentScan",
    "Command",
    "CommandSequence",
    "Comment",
    "ConfigLog",
    "Data",
    "Delay",
    "DeviceSettings",
    "If",
    "Include",
    "Log",
    "Loop",
    "Parallel",
    "ScanClient",
    "ScanInfo",
    "ScanSettings",
    "Script",
    "Sequence",
    "Set",
    "SettingsBasedLoop",
    "SettingsBasedSet",
    "SettingsBasedWait",
    "TableScan",
    "Wait",
    "alignSerial",
    "alignTime",
    "createNDimScan",
    "createTable",
    "formatSecondsAsTime",
    "getDatetime",
    "getScanSettings",
    "getTable",
    "getTimeSeries",
    "install",
    "iterateSamples",
    "iterateTable",
    "legacy_of",
    "loadTableScan",
    "modern_of",
    "parseSeconds",
    "parseXMLData",
    "readSpreadsheet",
    "setScanSettings",
    "writeSpreadsheet",
]

"""Public models: commands, what the server answers, and its configuration."""

from scan_sdk.models._generated import Comparison, ScanState
from scan_sdk.models.commands import Command, If, Loop, Parallel, Sequence
from scan_sdk.models.config import PvConfig, ScanConfig
from scan_sdk.models.other import OtherCommand
from scan_sdk.models.scans import DeviceInfo, ScanInfo, SimulationResult
from scan_sdk.models.server import Patch, ScanServerInfo
from scan_sdk.models.simple import Comment, ConfigLog, Delay, Include, Log, Script, Set, Wait
from scan_sdk.models.source import CellSource, Source, TextSource

__all__ = [
    "CellSource",
    "Command",
    "Comment",
    "Comparison",
    "ConfigLog",
    "Delay",
    "DeviceInfo",
    "If",
    "Include",
    "Log",
    "Loop",
    "OtherCommand",
    "Parallel",
    "Patch",
    "PvConfig",
    "ScanConfig",
    "ScanInfo",
    "ScanServerInfo",
    "ScanState",
    "Script",
    "Sequence",
    "Set",
    "SimulationResult",
    "Source",
    "TextSource",
    "Wait",
]

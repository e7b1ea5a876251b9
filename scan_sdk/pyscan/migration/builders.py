"""Settings, tables, grids and alignments: what to write by hand where they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk.pyscan.migration.names import BUILDERS

if TYPE_CHECKING:
    import libcst as cst

    from scan_sdk.pyscan.migration.script import Script

__all__ = ["look_at_builders"]

_SETTINGS = "the settings are an object of yours now, and no hidden one of the program"
_RECIPES: Final = {
    "AlignmentScan": "client.align(...) does the scan and the fit, and needs no scripts on the server",
    "DeviceSettings": f"{_SETTINGS}: ScanSettings([DeviceRule(...)]).of(name) returns them for a device",
    "ScanSettings": f"{_SETTINGS}: settings = ScanSettings([DeviceRule('motor.*', completion=True), ...])",
    "SettingsBasedLoop": f"{_SETTINGS}: settings.loop(name, start, end, step, ...)",
    "SettingsBasedSet": f"{_SETTINGS}: settings.set(name, value)",
    "SettingsBasedWait": f"{_SETTINGS}: settings.wait(name, value)",
    "TableScan": "write TableScan(headers, rows, settings=settings).commands(), with the settings that hold",
    "createNDimScan": "write GridScan(...).commands(), with the settings that hold",
    "getScanSettings": f"{_SETTINGS}: hand it to what needs it",
    "loadTableScan": "write TableScan.read(path, settings=settings).commands()",
    "setScanSettings": f"{_SETTINGS}: hand it to the tables and grids that shall use it",
}
"""For each name what to write instead."""


def look_at_builders(script: Script) -> None:
    """Say of each name that depends on the settings of the program what to write by hand."""
    places: dict[str, list[cst.CSTNode]] = {}
    for node, name in script.uses():
        if name in BUILDERS:
            places.setdefault(name, []).append(node)
    for name, nodes in places.items():
        more = f" ({len(nodes)} places)" if len(nodes) > 1 else ""
        script.report(nodes[0], f"{name}{more}: {_RECIPES[name]}", "commands")

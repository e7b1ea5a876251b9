"""Logged data as columns."""

from scan_sdk.data.log import DeviceLog, ScanData, Table

__all__ = ["DeviceLog", "ScanData", "Table"]

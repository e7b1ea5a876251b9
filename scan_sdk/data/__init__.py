"""Logged data as columns."""

from scan_sdk.data.columns import Column, Kind
from scan_sdk.data.device import DeviceLog
from scan_sdk.data.scan_data import ScanData
from scan_sdk.data.table import Table

__all__ = ["Column", "DeviceLog", "Kind", "ScanData", "Table"]

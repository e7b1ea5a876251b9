"""Tables in files: text with separators, Excel, OpenDocument and Gnumeric."""

from scan_sdk.compose.spreadsheets.reading import read_sheet, sheet_names
from scan_sdk.compose.spreadsheets.sheet import Cell, Sheet
from scan_sdk.compose.spreadsheets.writing import write_sheet

__all__ = ["Cell", "Sheet", "read_sheet", "sheet_names", "write_sheet"]

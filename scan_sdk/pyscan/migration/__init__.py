"""Scripts for PyScanClient, rewritten for `scan_sdk`; the only part that knows libcst."""

from __future__ import annotations

from importlib.util import find_spec

from scan_sdk.errors import MissingExtra
from scan_sdk.pyscan.migration.report import Finding, Migration, Part

__all__ = ["Finding", "Migration", "Part", "migrate"]


def migrate(content: bytes, *, source: str = "-", shared: str = "") -> Migration:
    """Rewrite a script for PyScanClient to the interface of `scan_sdk`.

    What cannot be rewritten for sure is left alone and found in the findings; the names that it needs come
    from `scan_sdk.pyscan`, so that the script runs in any case. Encoding, line ends, comments and formatting
    are kept. A script that does not import `scan` is left as it is.

    Args:
        content: The script as it is in its file.
        source: What it is called in errors.
        shared: What other scripts have to do with this one, where they have: then only the imports change.

    Raises:
        InvalidScript: It is no Python 3, or not in the encoding that it declares; with line and column.
        MissingExtra: libcst is not installed.
    """
    if find_spec("libcst") is None:
        raise MissingExtra("scan-sdk migrate", "migrate")
    from scan_sdk.pyscan.migration.rewriting import rewritten

    return rewritten(content, source, shared)

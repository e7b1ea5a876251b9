"""Spreadsheet files as other programs write them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style")
)
_CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_MIME}"/></manifest:manifest>'
)


@pytest.fixture
def ods(tmp_path: Path) -> Callable[..., Path]:
    """Write an OpenDocument file as LibreOffice lays it out, of the elements of its rows."""

    def write(*rows: str, before: str = "", manifest: str = _MANIFEST, whole: str = "") -> Path:
        path = tmp_path / "table.ods"
        body = whole or f'<table:table table:name="Plan">{"".join(rows)}</table:table>'
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", _MIME, zipfile.ZIP_STORED)
            archive.writestr("META-INF/manifest.xml", manifest)
            archive.writestr(
                "content.xml",
                f'<?xml version="1.0"?>{before}<office:document-content {_NAMESPACES} {_CALC}>'
                f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
                "</office:document-content>",
            )
        return path

    return write


@pytest.fixture
def gnumeric(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook as Gnumeric does: cells of the sheet "Plan", and what stands around them."""

    def write(
        cells: str = "", *, styles: str = "", merged: str = "", book: str = "", whole: str = ""
    ) -> Path:
        path = tmp_path / "table.gnumeric"
        sheets = whole or (
            f"<gnm:Sheet><gnm:Name>Plan</gnm:Name><gnm:MaxCol>9</gnm:MaxCol><gnm:Styles>{styles}</gnm:Styles>"
            f"<gnm:Cells>\n{cells}\n</gnm:Cells><gnm:MergedRegions>{merged}</gnm:MergedRegions></gnm:Sheet>"
        )
        path.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd">'
            f'<gnm:Version Epoch="1" Major="12" Minor="57" Full="1.12.57"/>{book}'
            "<gnm:SheetNameIndex><gnm:SheetName>Plan</gnm:SheetName></gnm:SheetNameIndex>"
            f"<gnm:Sheets>{sheets}</gnm:Sheets></gnm:Workbook>",
            encoding="utf-8",
        )
        return path

    return write

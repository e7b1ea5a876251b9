"""XML of files from elsewhere: no document types, so no entities, and an error for whatever is wrong."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

__all__ = ["Found", "new_parser", "plain_elements", "reading"]

_NOT_ELEMENTS: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_OTHER_ENCODING: Final = re.compile(
    rb"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-8|us-ascii)|\xff\xfe|\xfe\xff""", re.IGNORECASE
)


class Found(Exception):  # an end, not an error
    """Ends the reading of a document, because all that is wanted has been read."""


def new_parser() -> expat.XMLParserType:
    """Return a parser that gives texts whole, and names with their prefixes: it takes half the time then."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    return parser


def _no_document_type(name: str, *_: object) -> None:
    raise ValueError(f"it has a document type declaration ({name}), which is not allowed")


@contextmanager
def reading(path: Path, what: str) -> Generator[None]:
    """Name the file in errors of its XML.

    Raises:
        TableFileError: It is not well-formed, has a document type, or numbers that are none.
    """
    try:
        yield
    except Found:
        pass
    except expat.ExpatError as error:
        place = f"line {error.lineno}: {expat.ErrorString(error.code)}"
        raise TableFileError(path, f"{what} is damaged ({place}): save it once more") from error
    except TableFileError:
        raise
    except (ValueError, LookupError, OverflowError) as error:
        raise TableFileError(path, f"{what} cannot be read: {error}") from error


def plain_elements(path: Path, document: bytes) -> bytes:
    """Return a document without comments and marked sections, so that patterns find nothing but elements.

    Raises:
        TableFileError: It has a document type, or is not in UTF-8.
    """
    if b"!" in document and b"<!" in document:  # the first is found ten times as fast
        document = _NOT_ELEMENTS.sub(b"", document)
    if (b"!" in document and b"<!" in document) or _OTHER_ENCODING.match(document):
        raise TableFileError(path, "is written in a way that is not read: open it and save it once more")
    return document

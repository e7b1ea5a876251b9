"""Scripts as bytes and as text; what was read is written back byte for byte."""

from __future__ import annotations

import codecs
import io
import tokenize
from typing import NamedTuple

from scan_sdk.errors import InvalidScript


class Text(NamedTuple):
    """A script as text, and how to make bytes of it again."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """Return another text as this one was written: in its encoding, with its byte order mark."""
        return self.mark + text.encode(self.encoding)


def decode(content: bytes, source: str) -> Text:
    """Decode a script as Python would; its line ends are kept.

    Raises:
        InvalidScript: It is not in the encoding that it declares, or in UTF-8 where it declares none.
    """
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    body = content[len(mark) :]
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(body).readline)
        return Text(body.decode(encoding), encoding, mark)
    except SyntaxError as error:
        raise InvalidScript(str(error.msg), source=source, line=1, column=1) from error
    except UnicodeDecodeError as error:
        before = body[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise InvalidScript(
            f"this is not {error.encoding}", source=source, line=line, column=column
        ) from error

"""Microsoft's compound files: a small file system within a file, in which workbooks of Excel 97 lie."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["streams"]

_LAST_REGULAR: Final = 0xFFFFFFF9
_HEADER: Final = struct.Struct("<HH10xII4xIIIII")
_STREAM: Final = 2
_ENTRY: Final = struct.Struct("<64sHB49xII4x")


class _Header(NamedTuple):
    """Sizes as powers of two, and first sectors of what is in the file."""

    sector_shift: int
    mini_shift: int
    tables: int
    directory: int
    cutoff: int
    mini_table: int
    mini_tables: int
    more_tables: int
    more_count: int


def streams(content: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    """Return streams of a compound file by their names in small letters.

    Args:
        content: The file.
        wanted: The names of those to return, where there are such.

    Raises:
        ValueError: It is damaged.
    """
    try:
        return _streams(content, wanted)
    except (struct.error, IndexError) as error:
        raise ValueError("its sectors are not what its header says") from error


def _streams(content: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    header = _Header._make(_HEADER.unpack_from(content, 30))
    if header.sector_shift not in {9, 12} or header.mini_shift >= header.sector_shift:
        raise ValueError("its header is damaged")
    size = 1 << header.sector_shift
    if max(header.tables, header.more_count, header.mini_tables) > len(content) // size:
        raise ValueError(
            "its header counts more sectors than there are"
        )  # calamine would take memory for them
    mini_size = 1 << header.mini_shift

    def sectors(chain: Sequence[int]) -> bytes:
        return b"".join(content[(one + 1) * size : (one + 2) * size] for one in chain)

    tables = list(struct.unpack_from("<109I", content, 76))
    following, rest = header.more_tables, header.more_count
    while following <= _LAST_REGULAR and rest > 0:
        *part, following = struct.unpack(f"<{size // 4}I", sectors([following]))
        tables += part
        rest -= 1
    table = _numbers(sectors([one for one in tables[: header.tables] if one <= _LAST_REGULAR]))
    mini_table = _numbers(sectors(_chain(table, header.mini_table)))
    entries = list(_ENTRY.iter_unpack(sectors(_chain(table, header.directory))))
    mini_content = sectors(_chain(table, entries[0][3]))
    found: dict[str, bytes] = {}
    for raw, length, kind, start, count in entries:
        name = raw[: max(length - 2, 0)].decode("utf-16-le", "replace").lower()
        if kind != _STREAM or name not in wanted or name in found:
            continue
        if count < header.cutoff:
            chain = _chain(mini_table, start)
            stream = b"".join(mini_content[one * mini_size : (one + 1) * mini_size] for one in chain)
        else:
            stream = sectors(_chain(table, start))
        found[name] = stream[:count]
    return found


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _chain(table: Sequence[int], start: int) -> list[int]:
    """Return the sectors of a stream.

    Raises:
        ValueError: They go round in a circle.
    """
    chain: list[int] = []
    while start <= _LAST_REGULAR:
        chain.append(start)
        if len(chain) > len(table):
            raise ValueError("its sectors go round in a circle")
        start = table[start]
    return chain

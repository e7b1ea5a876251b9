"""Scans from tables: a row for each step, a column for each device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from types import NoneType
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from scan_sdk.compose.assembly import Assembly
from scan_sdk.compose.cells import show
from scan_sdk.compose.headers import read_headers
from scan_sdk.compose.rows import RowReader
from scan_sdk.compose.settings import ScanSettings
from scan_sdk.compose.spreadsheets import Cell, Sheet, read_sheet, write_sheet
from scan_sdk.errors import InvalidTable
from scan_sdk.models import Comment, Log
from scan_sdk.models.base import vary
from scan_sdk.models.collector import collector_paused
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self, Unpack

    from scan_sdk.compose.columns import Special
    from scan_sdk.models import Command
    from scan_sdk.sequence import Commands

__all__ = ["TableOptions", "TableScan"]

RowCell: TypeAlias = "Cell | list[float | str] | tuple[float | str, ...] | range"
"""A cell as Python has it: also a list of values, or a range, which become a row each."""

_PLAIN = frozenset({str, int, float, NoneType})
"""Types of cells that stay as they are, which are nearly all."""
_LINE = Comment("# Line")
_END = Comment("# End")
_MANY = 1000
"""Rows from which the garbage collector costs more than it gives."""
_SHOWN = 10
"""Rows at either end of a table that is printed."""
_WIDEST = 30
"""Characters of a cell that are printed."""


class TableOptions(TypedDict, total=False):
    """What `TableScan` takes by keyword."""

    settings: ScanSettings | None
    pre: Commands
    post: Commands
    start: Commands
    stop: Commands
    log_always: str | Iterable[str]
    special: Mapping[str, Special] | None
    line_comments: bool


class TableScan:
    """A scan that a table describes: what each column sets, row by row.

    It is an iterable of its commands, so it can be submitted as it is. The headers are names of devices, with
    prefixes as `ScanSettings` takes them, or `Comment`, or `Wait For` with `Value` and perhaps `Or Time` to
    the right of it, or names of `special`. What cells may hold, the reference of table scans describes.

    Args:
        headers: What the columns are.
        rows: The cells. Short rows are filled up with empty cells; empty rows are passed over.
        settings: How devices are accessed; unless given, values are just written.
        pre: Commands before the first row.
        post: Commands after the last row.
        start: Commands before each wait.
        stop: Commands after each wait and its log.
        log_always: Devices to log after each wait, beside those that the table has used up to there.
        special: For a header a function that takes what a cell holds and returns commands. A `ValueError` of
            its own becomes a problem of the cell; any other error goes on to the caller, with a note that
            names the cell.
        line_comments: Whether the commands of each row begin with the comment `# Line N`, and the last
            command is `# End`.

    Raises:
        TypeError: The rows are no rows of cells.
        pydantic.ValidationError: Something given is no command, or no name of a device.

    Example:
        >>> scan = TableScan(
        ...     ["motor_x", "Wait For", "Value"],
        ...     [["range(1, 3)", "seconds", 10], [5, "counts", 1e6]],
        ...     line_comments=False,
        ... )
        >>> print(scan.commands().format())
        CommandSequence(
            Set('motor_x', 1),
            Delay(10),
            Log('motor_x'),
            Set('motor_x', 2),
            Delay(10),
            Log('motor_x'),
            Set('motor_x', 5),
            Wait('counts', 1000000, comparison='>='),
            Log('motor_x', 'counts'),
        )
    """

    def __init__(
        self,
        headers: Iterable[Cell],
        rows: Iterable[Iterable[RowCell]],
        *,
        settings: ScanSettings | None = None,
        pre: Commands = (),
        post: Commands = (),
        start: Commands = (),
        stop: Commands = (),
        log_always: str | Iterable[str] = (),
        special: Mapping[str, Special] | None = None,
        line_comments: bool = True,
    ) -> None:
        cells = tuple(map(_row, rows))
        self._sheet = Sheet(_row(headers), cells, tuple(range(1, len(cells) + 1)))
        self._settings = ScanSettings() if settings is None else settings
        self._pre, self._post, self._start, self._stop = (
            tuple(CommandSequence(commands)) for commands in (pre, post, start, stop)
        )
        given = (log_always,) if isinstance(log_always, str) else tuple(log_always)
        self._log_always = Log(given).devices if given else ()
        self._special = dict(special or {})
        self._line_comments = line_comments

    @classmethod
    def of(cls, sheet: Sheet, **options: Unpack[TableOptions]) -> Self:
        """Return the scan of a table that was read from a file; its commands remember their cells there.

        Args:
            sheet: The table.
            **options: What `TableScan` takes by keyword.
        """
        scan = cls(sheet.headers, sheet.rows, **options)
        scan._sheet = replace(scan._sheet, numbers=sheet.numbers, name=sheet.name, file=sheet.file)
        return scan

    @classmethod
    def read(
        cls, path: Path | str, *, sheet: str | int | None = None, **options: Unpack[TableOptions]
    ) -> Self:
        """Return the scan of a table in a file: CSV and other text, XLSX, XLS, ODS or Gnumeric.

        Args:
            path: The file.
            sheet: Name of the sheet, or its place from 0; the first visible one if not given.
            **options: What `TableScan` takes by keyword.

        Raises:
            TableFileError: The file holds no table that can be read.
            MissingExtra: The packages for this kind of file are not installed.
            OSError: The file cannot be opened.
        """
        return cls.of(read_sheet(path, sheet=sheet), **options)

    @classmethod
    def from_commands(cls, commands: Commands, *, settings: ScanSettings | None = None) -> Self:
        """Return the table that makes these commands, where there is one: the way back of `commands`.

        Prefixes, devices to log always, comments of rows and commands before the first row are found from the
        commands; commands after the last row become part of it. `start`, `stop` and special columns are not
        guessed: what they make becomes cells where it can.

        Args:
            commands: The commands.
            settings: The settings that they were made with.

        Raises:
            NotTabular: No table makes these commands; with the first one that does not fit.
            pydantic.ValidationError: Something given is no command.
        """
        from scan_sdk.compose.tabulation import check_commands, tabulate

        known = ScanSettings() if settings is None else settings
        sequence = CommandSequence(commands)
        with collector_paused(len(sequence) > _MANY):
            table = tabulate(tuple(sequence), known)
            scan = cls.of(
                table.sheet,
                settings=known,
                pre=table.pre,
                log_always=table.log_always,
                line_comments=table.line_comments,
            )
            check_commands(sequence, scan.commands())
        return scan

    def commands(self) -> CommandSequence:
        """Return the commands of the scan; each knows the cell that it comes from.

        Raises:
            InvalidTable: Cells, headers or rows are wrong: all that are, in the order of the table.
        """
        assembly = Assembly(self._sheet, self._log_always)
        columns = read_headers(
            self._sheet.headers,
            assembly,
            settings=self._settings,
            special=self._special,
            start=self._start,
            stop=self._stop,
        )
        with collector_paused(len(self._sheet.rows) > _MANY):
            RowReader(self._sheet, assembly, columns, partial(self._announce, assembly)).read()
            if assembly.problems:
                raise InvalidTable(*assembly.problems)
            end = (_END,) if self._line_comments else ()
            return CommandSequence(self._pre, assembly.commands, self._post, end)

    def __iter__(self) -> Iterator[Command]:
        """Yield the commands.

        Raises:
            InvalidTable: See `commands`.
        """
        return iter(self.commands())

    def to_table(self) -> Sheet:
        """Return the table itself: headers, rows and their numbers, and the file that it was read from."""
        return self._sheet

    def write(self, path: Path | str) -> None:
        """Write the table to a file, from which `read` gives it back; only what stands in cells is kept.

        Args:
            path: The file; its suffix, `.csv`, `.tsv` or `.xlsx`, says which format. What is there goes.

        Raises:
            TableFileError: The suffix names no format, or a cell holds what the format has no place for.
            MissingExtra: The packages for this kind of file are not installed.
            OSError: The file cannot be written.
        """
        write_sheet(path, self._sheet.headers, self._sheet.rows)

    def _announce(self, assembly: Assembly, number: int) -> None:
        """Add what tells people which row is performed."""
        if self._line_comments:
            assembly.add(vary(_LINE, assembly.place(), {"text": f"# Line {number}"}))
        if self._settings.table_scan_row:
            row = self._settings.set(self._settings.table_scan_row, number)
            assembly.add(row.at(assembly.place()))

    def __str__(self) -> str:
        table: list[tuple[str, ...]] = [("row", *map(_shorten, self._sheet.headers))]
        numbers, rows = self._sheet.numbers, self._sheet.rows
        cut = len(rows) > 3 * _SHOWN
        places = [*range(_SHOWN), *range(len(rows) - _SHOWN, len(rows))] if cut else range(len(rows))
        table += [(str(numbers[place]), *map(_shorten, rows[place])) for place in places]
        if cut:
            table.insert(_SHOWN + 1, ("...",) * len(table[0]))
        columns = list(zip_longest(*table, fillvalue=""))
        widths = [max(map(len, column)) for column in columns]
        lines = zip(*columns, strict=True)
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    __repr__ = __str__


def _row(cells: object) -> tuple[Cell, ...]:
    if isinstance(cells, str | bytes | Mapping) or not isinstance(cells, Iterable):
        raise TypeError(f"expected a row, as a list of cells, not {cells!r}")
    row = tuple(cast("Iterable[RowCell]", cells))
    return cast("tuple[Cell, ...]", row) if _PLAIN.issuperset(map(type, row)) else tuple(map(_cell, row))


def _cell(cell: RowCell) -> Cell:
    if isinstance(cell, range):
        return str(cell)
    return show(cell) if isinstance(cell, list | tuple) else cell


def _shorten(cell: Cell) -> str:
    text = " ".join(show(cell).split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."

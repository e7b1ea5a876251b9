"""Table scans of old scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias, cast
from uuid import uuid4

from scan_sdk import models
from scan_sdk.compose.cells import NoValuesError, read_cell
from scan_sdk.compose.settings import DeviceSettings, ScanSettings
from scan_sdk.compose.table import TableScan as ModernTable
from scan_sdk.pyscan.command import Block, Command, as_commands, knows_keywords, legacy_of
from scan_sdk.pyscan.settings import getScanSettings
from scan_sdk.pyscan.simple import Comment
from scan_sdk.pyscan.spreadsheet import readSpreadsheet, writeSpreadsheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike
    from typing import Unpack

    from scan_sdk.compose.settings import WaitOverrides
    from scan_sdk.pyscan.command import Commands

    Special: TypeAlias = Callable[[float | str], Commands | None]

__all__ = ["TableScan", "loadTableScan"]


def loadTableScan(
    filename: str | PathLike[str],
    pre: Commands | None = None,
    post: Commands | None = None,
    start: Commands | None = None,
    stop: Commands | None = None,
) -> TableScan:
    """Return the scan of a table in a file.

    Modern: `scan_sdk.TableScan.read(path, …)`.

    Raises:
        TableFileError: The file holds no table that can be read.
        OSError: The file cannot be opened.
    """
    headers, *rows = readSpreadsheet(filename)
    return TableScan(headers, rows, pre, post, start, stop)


class TableScan:
    """A scan that a table describes: what each column sets, row by row.

    Modern: `scan_sdk.TableScan(headers, rows, settings=…, …)`. Here as there every problem of the table is
    named at once.

    Args:
        headers: Devices, or `Comment`, `Wait For`, `Value`, `Or Time`.
        rows: The cells, as many in each row as there are headers.
        pre: Commands before the first row.
        post: Commands after the last row.
        start: Commands before each wait.
        stop: Commands after each wait and its log.
        log_always: Devices to log after each wait, beside those of the table.
        special: For a header a function from what a cell holds to commands.

    Attributes:
        name: What the scan may be called.
        headers: The headers, without blanks around them.
        rows: The rows that are not empty, all cells as text.
        cols: Number of columns.
        width: Characters of the widest cell of each column.

    Raises:
        ValueError: The rows are no lists, or of another length than the headers.
    """

    COMMENT: Literal["Comment"] = "Comment"
    WAITFOR: Literal["Wait For"] = "Wait For"
    VALUE: Literal["Value"] = "Value"
    OR_TIME: Literal["Or Time"] = "Or Time"
    COMPLETION: Literal["completion"] = "completion"
    SECONDS: Literal["seconds"] = "seconds"
    TIME: Literal["time"] = "time"

    @knows_keywords
    def __init__(
        self,
        headers: Iterable[object],
        rows: Iterable[Iterable[object]],
        pre: Commands | None = None,
        post: Commands | None = None,
        start: Commands | None = None,
        stop: Commands | None = None,
        log_always: Iterable[str] | None = None,
        special: Mapping[str, Special] | None = None,
    ) -> None:
        self.name: str = "Table Scan"
        self.pre: list[Command] = as_commands(pre)
        self.post: list[Command] = as_commands(post)
        self.start: list[Command] = as_commands(start)
        self.stop: list[Command] = as_commands(stop)
        self.special: dict[str, Special] = dict(special or {})
        self.log_always: list[str] | None = None if log_always is None else list(log_always)
        self.headers: list[str] = [str(header).strip() for header in headers]
        self.cols: int = len(self.headers)
        self.rows: list[list[str]] = [row for row in self._read(rows) if any(row)]
        self.width: list[int] = [
            max(map(len, column)) for column in zip(self.headers, *self.rows, strict=True)
        ]

    def _read(self, rows: object) -> Iterable[list[str]]:
        listed = _items(rows)
        found = [None] if listed is None else map(_items, listed)
        for place, row in enumerate(found):
            if row is None:
                raise ValueError(f"Table needs list of rows, but got {rows}")
            cells = [str(cell).strip() for cell in row]
            if len(cells) != self.cols:
                only = "only " if len(cells) < self.cols else ""
                raise ValueError(f"Table has {self.cols} columns but row {place} has {only}{len(cells)}")
            yield cells

    def save(self, filename: str | PathLike[str]) -> None:
        """Write the table to a file: `.csv`, `.tab` or `.xlsx`.

        Modern: `scan_sdk.write_sheet(path, headers, rows)`.

        Raises:
            TableFileError: The end of the name says no kind of file.
            OSError: The file cannot be written.
        """
        writeSpreadsheet(filename, [self.headers, *self.rows])

    def createScan(self, lineinfo: bool = True) -> list[Command]:
        """Return the commands of the scan.

        Modern: `scan.commands()` of `scan_sdk.TableScan`.

        Args:
            lineinfo: Whether comments tell where the rows begin, and `table_scan_row` of the settings is
                written, if there is one.

        Raises:
            InvalidTable: Cells or headers are wrong: all that are.
            ValueError: A column `Wait For` has no `Value` next to it.
        """
        self._check_headers()
        given = _Given()
        row = (getScanSettings().table_scan_row or "") if lineinfo else ""
        scan = ModernTable(
            self.headers,
            [[_cell(text) for text in cells] for cells in self.rows],
            settings=_FollowedSettings(table_scan_row=row),
            pre=given.stand_ins(as_commands(self.pre)),
            post=given.stand_ins(as_commands(self.post)),
            start=given.stand_ins(as_commands(self.start)),
            stop=given.stand_ins(as_commands(self.stop)),
            log_always=self.log_always or (),
            special={name: given.function(special) for name, special in self.special.items()},
            line_comments=lineinfo,
        )
        return given.restore(legacy_of(command) for command in scan)

    def _check_headers(self) -> None:
        names = [header.lower() for header in self.headers]
        for place, name in enumerate(names):
            if name == self.WAITFOR.lower() and names[place + 1 : place + 2] != [self.VALUE.lower()]:
                raise ValueError(f"{self.WAITFOR} column must be followed by {self.VALUE}")

    def __repr__(self) -> str:
        rows = "".join(f" [ {self._line(row)} ],\n       " for row in self.rows)
        return f"headers=[ {self._line(self.headers)} ]\nrows= [{rows}]"

    def _line(self, cells: Iterable[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, self.width, strict=True))
        return '"' + '", "'.join(padded) + '"'


class _FollowedSettings(ScanSettings):
    """Modern settings that ask those of an old script."""

    def of(self, device: str) -> DeviceSettings:
        """Return what holds for a device, as the settings in force say."""
        found = getScanSettings().parseDeviceSettings(device)
        return DeviceSettings(
            found.getName(),
            completion=found.getCompletion(),
            readback=found.getReadback() or "",
            readback_value=found.getReadbackValue(),
            timeout=float(found.getTimeout()),
            tolerance=found.getTolerance(),
            comparison=models.Comparison(found.getComparison()),
            parallel=found.getParallel(),
        )

    def wait(
        self, device: str, value: float | str | Iterable[str], **overrides: Unpack[WaitOverrides]
    ) -> models.Wait:
        """Return a wait whose only limit is what the table says: that of the settings is for writing."""
        limited: WaitOverrides = {"timeout": 0.0, **overrides}
        return super().wait(device, value, **limited)


class _Given:
    """Commands that were given for a table: they pass through it unseen, and come out as they are."""

    def __init__(self) -> None:
        self._mark = f"{uuid4()} "
        self._commands: list[Command] = []

    def stand_ins(self, commands: Iterable[Command]) -> list[models.Comment]:
        """Return what passes through in place of commands."""
        first = len(self._commands)
        self._commands += commands
        return [models.Comment(f"{self._mark}{place}") for place in range(first, len(self._commands))]

    def function(self, special: Special) -> Callable[[float | str], list[models.Comment]]:
        """Return a function for cells that returns what passes through."""
        return lambda cell: self.stand_ins(as_commands(special(cell)))

    def restore(self, commands: Iterable[Command]) -> list[Command]:
        """Return commands, in bodies too, with those that were given in their places again."""
        restored: list[Command] = []
        for command in commands:
            place = self._place(command)
            if place is not None:
                restored.append(self._commands[place])
                continue
            if isinstance(command, Block):
                command.getBody()[:] = self.restore(command.getBody())
            restored.append(command)
        return restored

    def _place(self, command: Command) -> int | None:
        text = command.getText() if isinstance(command, Comment) else ""
        return int(text.removeprefix(self._mark)) if text.startswith(self._mark) else None


def _items(value: object) -> list[object] | None:
    """Return the items of a list of any kind, None for anything else."""
    listed = isinstance(value, Iterable) and not isinstance(value, str | bytes)
    return list(cast("Iterable[object]", value)) if listed else None


def _cell(text: str) -> str:
    """Return a cell as the modern table takes it: empty where a list or range has no values."""
    try:
        read_cell(text)
    except NoValuesError:
        return ""
    except ValueError:
        pass  # the table says so, together with what else is wrong
    return text

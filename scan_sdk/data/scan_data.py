"""All that a scan logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast, overload

from pydantic import BaseModel, ConfigDict, model_validator

from scan_sdk.data.columns import rows_or_text, text_column
from scan_sdk.data.device import DeviceLog
from scan_sdk.data.table import Alignment, Table, align

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Literal, Self

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import xarray as xr
    from matplotlib.axes import Axes

    from scan_sdk._wire.log import RawLog
    from scan_sdk.data.documents import Document, DocumentName
    from scan_sdk.data.files import FileFormat
    from scan_sdk.data.grid import Tolerance
    from scan_sdk.models import ScanInfo
    from scan_sdk.sequence import Commands

__all__ = ["ScanData"]


class ScanData(BaseModel, Mapping[str, DeviceLog]):
    """All that a scan logged: a mapping from the name of each device to its columns.

    It is a pydantic model too: `model_dump_json()` and `ScanData.model_validate_json()` go to JSON and back.

    Example:
        >>> from scan_sdk import DeviceLog, ScanData
        >>> x = DeviceLog("x", [0, 1], [1000, 2000], [1.0, 2.0])
        >>> n = DeviceLog("n", [1], [2000], [500.0])
        >>> data = ScanData([x, n])
        >>> print(data.table("x", "n"))
                   x             n
                   1           nan
                   2           500
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    devices: tuple[DeviceLog, ...] = ()
    """What was logged of each device, in the order of the server."""

    if TYPE_CHECKING:

        def __init__(self, devices: Iterable[DeviceLog] = ()) -> None:
            """Take what was logged of each device.

            Raises:
                pydantic.ValidationError: Two have the same name.
            """
    else:

        def __init__(self, *args: object, **fields: object) -> None:
            super().__init__(**dict(zip(("devices",), args, strict=False)), **fields)

    @classmethod
    def from_xml(
        cls, document: bytes | Iterable[bytes], *, values: Literal["typed", "text"] = "typed"
    ) -> Self:
        """Read a data log that was saved as the server sent it.

        Args:
            document: The reply to `GET /scan/{id}/data`, whole or in pieces of any size, such as an open
                file gives. In pieces it may be larger than the memory that is free.
            values: "text" leaves all values as the server has written them; "typed" makes float64 of those of
                a device where each of them is a number, or rows where each is a row of numbers.

        Raises:
            ProtocolError: It is no data log; with the line.
            ValueError: `values` is neither "typed" nor "text".
        """
        if values not in {"typed", "text"}:
            raise ValueError(f'values="{values}": give "typed" or "text"')
        from scan_sdk._wire.log import LogReader

        reader = LogReader(numbers=values == "typed")
        for piece in (document,) if isinstance(document, bytes) else document:
            reader.feed(piece)
        return cls.from_raw(reader.close(), typed_values=values == "typed")

    @classmethod
    def from_raw(cls, raw: Mapping[str, RawLog], *, typed_values: bool = True) -> Self:
        """Build the columns from what the log reader found."""
        column = rows_or_text if typed_values else text_column
        return cls(
            DeviceLog(name, serials, times, column(found) if isinstance(found, list) else found)
            for name, (serials, times, found) in raw.items()
        )

    @classmethod
    def concat(cls, pieces: Iterable[ScanData]) -> Self:
        """Join what came in pieces, such as from `client.follow`, to the log that they are of.

        Devices are in the order in which they first come up. The values of a device whose pieces are not all
        of one kind are what they are together: rows where some are rows and others numbers, text where some
        are text. A number that becomes text is written as Java writes doubles: what was '5' is '5.0' then.
        Where that matters, `client.get_data` has the texts as they are.

        Example:
            >>> from scan_sdk import DeviceLog, ScanData
            >>> pieces = [ScanData([DeviceLog("x", [0], [1000], [1.0])]),
            ...           ScanData([DeviceLog("x", [1], [2000], ["none"])])]
            >>> ScanData.concat(pieces)["x"].value
            array(['1.0', 'none'], dtype=object)
        """
        from scan_sdk.data.joining import joined

        return cls(joined(pieces))

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [log.name for log in self.devices]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"more than one log of: {', '.join(twice)}; give each device once")
        return self

    def __getitem__(self, name: str) -> DeviceLog:
        for log in self.devices:
            if log.name == name:
                return log
        known = ", ".join(self) or "nothing"
        raise KeyError(f"'{name}' was not logged; logged: {known}")

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # as a mapping does, not as a model
        return iter([log.name for log in self.devices])

    def __len__(self) -> int:
        return len(self.devices)

    def __contains__(self, name: object) -> bool:
        return any(log.name == name for log in self.devices)

    def __eq__(self, other: object) -> bool:
        return self.devices == other.devices if isinstance(other, ScanData) else NotImplemented

    def __repr__(self) -> str:
        return f"ScanData({', '.join(f'{log.name}: {len(log)}' for log in self.devices)})"

    def __str__(self) -> str:
        return str(self.table()) if self.devices else "nothing was logged"

    def _repr_html_(self) -> str:
        """Return the table of all devices, as notebooks show it."""
        return cast("Any", self.table())._repr_html_() if self.devices else "<p>nothing was logged</p>"

    def table(self, *devices: str, how: Alignment = "last") -> Table:
        """Return the values of devices side by side, aligned by serial.

        Args:
            *devices: Names of devices; none means all.
            how: "last" for a row at each serial at which any of them was logged, where a device that was not
                repeats its last value; "inner" for a row at each at which all were.

        Raises:
            KeyError: A device was not logged; the text names those that were.
        """
        return align([self[name] for name in devices or self], how)

    def to_arrow(self, *, serial: bool = False, time: bool = False) -> pa.Table:
        """Return the table of all devices as `Table.to_arrow` does."""
        return self.table().to_arrow(serial=serial, time=time)

    def to_pandas(self, *, serial: bool = False, time: bool = False) -> pd.DataFrame:
        """Return the table of all devices as `Table.to_pandas` does."""
        return self.table().to_pandas(serial=serial, time=time)

    def to_polars(self, *, serial: bool = False, time: bool = False) -> pl.DataFrame:
        """Return the table of all devices as `Table.to_polars` does."""
        return self.table().to_polars(serial=serial, time=time)

    def to_xarray(self) -> xr.Dataset:
        """Return the table of all devices as `Table.to_xarray` does."""
        return self.table().to_xarray()

    @overload
    def grid(self, *names: str, tolerance: Tolerance = None) -> xr.DataArray: ...
    @overload
    def grid(self, *names: str, signals: Sequence[str], tolerance: Tolerance = None) -> xr.Dataset: ...
    def grid(
        self, *names: str, signals: Sequence[str] | None = None, tolerance: Tolerance = None
    ) -> xr.DataArray | xr.Dataset:
        """Return what nested loops measured as an array with the positions of the loops' devices as axes.

        A point of the grid is where the signal was logged; an axis stands there where it was last logged. The
        positions of each axis rise, whichever way the loop went, so inner loops that alternate are put in
        order. Where nothing was measured there is NaN; of points at the same place the last counts. Points at
        which an axis is NaN are left out.

        Positions that differ by rounding, up to 1e-9 of the largest, are one. Where the points then form no
        grid, the distances between neighbouring positions are looked at: if the smallest step is at least ten
        times as long as what must be noise below it, positions closer than half that step are one, with their
        median for position. Points form a grid if they take more than half of its places.

        Args:
            *names: The devices of the loops, the outermost first, and then the signal.
            signals: Several signals. Then all names are axes, and the result is a data set of all signals.
            tolerance: Positions are one that are not farther than this from their neighbour. A number for all
                axes, or one for each by name; where it is left out, it is found out as said above.

        Raises:
            KeyError: A device was not logged; the text names those that were.
            MissingExtra: xarray is not installed.
            ValueError: The points form no grid, and the text says which axis does not; or a device holds no
                numbers.
        """
        from scan_sdk.data.grid import to_grid

        axes, chosen = (names[:-1], names[-1:]) if signals is None else (names, signals)
        found = to_grid([self[name] for name in axes], [self[name] for name in chosen], tolerance)
        return found[chosen[0]] if signals is None else found

    def write(
        self,
        path: Path | str,
        *,
        format: FileFormat | None = None,  # noqa: A002  # what it is, people call format
        info: ScanInfo | None = None,
        commands: Commands | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        """Write the data to a file, all of it or not at all.

        A file that is there is replaced in one step once the new one is on the disk. If writing fails, it
        stays as it was, and nothing else is left in the folder.

        Args:
            path: The file.
            format: "parquet", "nexus" or "json", which `read` reads back, or "csv", the table of all devices.
                Where it is left out, the suffix says it: `.parquet`, `.pq`; `.nxs`, `.nx5`, `.h5`, `.hdf5`,
                `.hdf`; `.json`; `.csv`.
            info: What the server says of the scan, for title and times. This and what follows NeXus only has.
            commands: The scan's commands: devices of their loops become the axes of the plot in the file.
            units: Units by device.

        Raises:
            DataFileError: There is no such format, or it cannot hold what is given; the text names the
                device.
            MissingExtra: pyarrow or h5py, which the format needs, is not installed.
            OSError: The file cannot be written there.
        """
        from scan_sdk.data.files import Extras, write_file

        write_file(self, path, format, Extras(info, commands, units))

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read data from a file that `write` wrote, with what was logged exactly as it was.

        The file's beginning says which format it has, whatever its name.

        Raises:
            DataFileError: The file holds no data of scan_sdk, or is damaged; or a table, as CSV files do.
            MissingExtra: pyarrow or h5py, which the format needs, is not installed.
            OSError: The file cannot be read.
        """
        from scan_sdk.data.files import read_file

        return read_file(cls, path)

    def plot(self, x: str, signal: str, *more: str, ax: Axes | None = None, title: str | None = None) -> Axes:
        """Draw devices over another one, with matplotlib, and return the axes.

        Each sample of a signal is drawn at the last value that `x` had up to its serial. Up to 10,000 samples
        are joined by a line.

        Args:
            x: The device along the horizontal axis; or, where no device has that name, "serial" or "time".
            signal: The device to draw.
            *more: Further devices to draw into the same axes.
            ax: Where to draw. By default a new figure of `matplotlib.pyplot`: notebooks show it by
                themselves, elsewhere `pyplot.show()` does. A program that draws many, or in threads, gives
                `matplotlib.figure.Figure().subplots()`, which needs no closing.
            title: What to write above.

        Raises:
            KeyError: A device was not logged; the text names those that were.
            ValueError: A device holds text or rows of numbers.
            MissingExtra: matplotlib is not installed.
        """
        from scan_sdk.data.plots import draw_lines

        return draw_lines(self, x, (signal, *more), ax=ax, title=title)

    def map(self, x: str, y: str, signal: str, *, ax: Axes | None = None, title: str | None = None) -> Axes:
        """Draw what a scan of nested loops saw as a map of colours, with matplotlib, and return the axes.

        Args:
            x: The device of one loop, drawn along the horizontal axis.
            y: The device of the other, drawn along the vertical axis.
            signal: The device that gives the colour. Where it has no sample the map is empty.
            ax: Where to draw, as for `plot`.
            title: What to write above.

        Raises:
            KeyError: A device was not logged; the text names those that were.
            ValueError: A device holds text or rows of numbers, or the positions form no grid.
            MissingExtra: matplotlib or xarray is not installed.
        """
        from scan_sdk.data.plots import draw_map

        return draw_map(self, x, y, signal, ax=ax, title=title)

    def documents(
        self, info: ScanInfo, commands: Commands | None = None, *, units: Mapping[str, str] | None = None
    ) -> Iterator[tuple[DocumentName, Document]]:
        """Yield the documents of a Bluesky run, each with its name: what its callbacks and databases take.

        They are start; if anything was logged a descriptor and event pages of up to 1000 rows; and stop, once
        the scan is done. The one stream, `primary`, has the rows of `table()`, with the time stamp of each
        device's own sample. Where a device has no value yet there is NaN, or an empty text or row, with the
        time of the row. Keys have `_` for `.` and `/`, which event-model refuses; their `object_name` is the
        device. The same scan gives the same `uid` each time.

        Args:
            info: What the server says of the scan. Its state becomes `exit_status`, its error `reason`;
                Logged, of which nobody knows how it ended, is "abort".
            commands: The scan's commands. Devices of their loops are named as motors, the outermost first.
            units: Units by device.
        """
        from scan_sdk.data.documents import run_documents

        return run_documents(self, info, commands, units or {})

"""Tables for other libraries. pyarrow's is made first: what it says of types, pandas and polars take over."""

# pyarrow has no types of its own, and stubs that others wrote leave some open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from scan_sdk.data.columns import Column, kind_of
from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import xarray as xr
    from numpy.typing import NDArray

    from scan_sdk.data.table import Table

__all__ = ["arrow_values", "check_names", "to_arrow", "to_pandas", "to_polars", "to_xarray"]


def to_arrow(table: Table, *, serial: bool, time: bool) -> pa.Table:
    """Return the table as pyarrow's; see `Table.to_arrow`."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtra("to_arrow (pyarrow)", "data") from error
    check_names(table, serial=serial, time=time)
    columns: dict[str, Any] = {}
    if serial:
        columns["serial"] = pa.array(table.serial)
    if time:
        columns["time"] = pa.array(table.time).view(pa.timestamp("ms", "UTC"))
    for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
        columns[name] = arrow_values(column, start)
    return pa.table(columns)


def arrow_values(column: Column, start: int = 0) -> pa.Array[Any]:
    """Return a column as pyarrow's array of float64, text or lists of float64; null before a start."""
    import pyarrow as pa

    missing = np.arange(len(column)) < start
    if column.dtype == object and kind_of(column[start:]) == "text":
        return pa.array(column.tolist(), pa.string())
    if column.ndim == 1 and column.dtype != object:
        return pa.array(column, pa.float64(), mask=missing)
    if column.ndim == 2:
        offsets = np.arange(len(column) + 1, dtype=np.int64) * column.shape[1]
        return _lists(cast("NDArray[np.float64]", column.reshape(-1)), offsets, missing)
    rows = cast("list[NDArray[np.float64]]", column[start:].tolist())
    lengths = np.concatenate([np.zeros(start + 1, np.int64), [len(row) for row in rows]])
    return _lists(np.concatenate(rows), np.cumsum(lengths), missing)


def _lists(
    values: NDArray[np.float64], offsets: NDArray[np.int64], missing: NDArray[np.bool_]
) -> pa.Array[Any]:
    import pyarrow as pa

    lists: Any = pa.LargeListArray  # the stubs do not know the mask that it takes
    return cast(
        "pa.Array[Any]", lists.from_arrays(pa.array(offsets), pa.array(values), mask=pa.array(missing))
    )


def to_pandas(table: Table, *, serial: bool, time: bool) -> pd.DataFrame:
    """Return the table as pandas's; see `Table.to_pandas`."""
    try:
        import pandas as pd
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtra("to_pandas (pandas, pyarrow)", "data") from error
    text = pa.string()

    def extension(kind: pa.DataType) -> pd.StringDtype | None:
        return pd.StringDtype() if kind == text else None

    return to_arrow(table, serial=serial, time=time).to_pandas(types_mapper=extension)


def to_polars(table: Table, *, serial: bool, time: bool) -> pl.DataFrame:
    """Return the table as that of polars; see `Table.to_polars`."""
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtra("to_polars (polars)", "data") from error
    arrow = to_arrow(table, serial=serial, time=time)
    frame = cast("pl.DataFrame", pl.from_arrow(arrow))
    frame.columns = arrow.column_names  # polars has put another name in place of an empty one
    return frame


def to_xarray(table: Table) -> xr.Dataset:
    """Return the table as a data set of xarray; see `Table.to_xarray`."""
    try:
        import xarray as xr
    except ImportError as error:
        raise MissingExtra("to_xarray (xarray)", "data") from error
    check_names(table, serial=True, time=True)
    variables: dict[str, tuple[tuple[str, ...], Column]] = {}
    for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
        if column.dtype == object and kind_of(column[start:]) == "rows":
            variables[name] = (("serial", f"{name}_index"), _padded(column, start))
        else:
            variables[name] = (("serial", f"{name}_index")[: column.ndim], column)
    times = table.time.astype("datetime64[ms]")
    return xr.Dataset(variables, coords={"serial": table.serial, "time": ("serial", times)})


def _padded(column: Column, start: int) -> NDArray[np.float64]:
    """Return rows of different lengths as an array, with NaN after their ends."""
    rows = cast("list[NDArray[np.float64]]", column[start:].tolist())
    padded = np.full((len(column), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows, start):
        padded[index, : len(row)] = row
    return padded


def check_names(table: Table, *, serial: bool, time: bool) -> None:
    """Refuse columns of the same name, which the libraries would drop or mix up.

    Raises:
        ValueError: There are such columns.
    """
    names = ["serial"] * serial + ["time"] * time + list(table.names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"there would be two columns '{twice[0]}': choose devices with `data.table(...)`, each once; "
            "one that is called 'serial' or 'time' goes without the column of that name"
        )

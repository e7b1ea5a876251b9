"""What type checkers know of data and where it goes; run by mypy and pyright, not by Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_type

import pandas as pd
import polars as pl
import pyarrow as pa
import xarray as xr

from scan_sdk.data import ScanData

if TYPE_CHECKING:
    from scan_sdk.models import ScanInfo


def conversions(data: ScanData) -> None:
    assert_type(data.to_pandas(serial=True), pd.DataFrame)
    assert_type(data.table("x").to_polars(time=True), pl.DataFrame)
    assert_type(data.to_arrow(), pa.Table)
    assert_type(data.to_xarray(), xr.Dataset)


def grids(data: ScanData) -> None:
    assert_type(data.grid("x", "y", "counts"), xr.DataArray)
    assert_type(data.grid("x", "y", signals=["counts"], tolerance={"x": 0.1}), xr.Dataset)


def files(data: ScanData, info: ScanInfo) -> None:
    data.write("run.nxs", info=info, units={"x": "mm"})
    data.write(Path("run"), format="parquet")
    data.write("run", format=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(ScanData.read("run.nxs"), ScanData)


def documents(data: ScanData, info: ScanInfo) -> None:
    assert_type(
        data.documents(info),
        Iterator[tuple[Literal["start", "descriptor", "event_page", "stop"], dict[str, object]]],
    )

"""What was logged of one device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray  # noqa: TC002  # pydantic looks at it
from pydantic import (
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    computed_field,
    model_validator,
)

from scan_sdk.data.columns import Column, Kind, columns_equal, kind_of, rows_column, text_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

__all__ = ["DeviceLog"]


def _integers(value: object) -> NDArray[np.int64]:
    array = np.asarray(value)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and len(array)):
        raise ValueError("give whole numbers in one row")
    return _protected(array.astype(np.int64, copy=False))


def _values(value: object) -> Column:
    given: Any = value
    array: NDArray[Any] = given if isinstance(value, np.ndarray) else _column(given)
    if array.dtype == object:
        rows = kind_of(array) == "rows"
        if array.ndim != 1 or not all(isinstance(item, np.ndarray if rows else str) for item in array):
            raise ValueError(_WANTED)
        return _protected(rows_column(array.tolist()) if rows else array)
    if array.ndim not in {1, 2} or array.dtype.kind not in "fiub":
        raise ValueError(_WANTED)
    if array.ndim == 2 and not len(array):
        array = array.reshape(-1)  # no rows are no kind of their own
    return _protected(array.astype(np.float64, copy=False))


def _column(values: list[Any]) -> Column:
    """Return a column of what people give: numbers, texts or rows of numbers."""
    if values and all(isinstance(value, str) for value in values):
        return text_column(values)
    if values and all(isinstance(value, list | tuple | np.ndarray) for value in values):
        return rows_column(values)
    return np.array(values, dtype=np.float64)


def _protected(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written to: a log is a fact."""
    view = array.view()
    view.flags.writeable = False
    return view


def _plain(column: NDArray[Any]) -> list[Any]:
    """Return a column as JSON has it; numbers that JSON lacks as Java writes them."""
    items: list[Any] = list(column) if column.dtype == object or column.ndim == 2 else column.tolist()
    if column.dtype == object or column.ndim == 2:
        return [
            _plain(cast("NDArray[Any]", item)) if isinstance(item, np.ndarray) else item for item in items
        ]
    if column.dtype.kind != "f" or np.isfinite(column).all():
        return items
    return [number if np.isfinite(number) else _NAMES[repr(number)] for number in items]


_WANTED = "give numbers, texts, or rows of numbers"
_NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_READ: dict[object, Callable[[list[Any]], Column]] = {
    "text": text_column,
    "rows": lambda rows: rows_column([[float(item) for item in row] for row in rows]),
    "numbers": lambda values: np.array([float(item) for item in values], dtype=np.float64),
}
_WHOLE_NUMBERS = {"type": "array", "items": {"type": "integer"}}
_ANY_VALUES = {
    "type": "array",
    "items": {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "array"}]},
}


class DeviceLog(BaseModel):
    """What was logged of one device: three columns of the same length, in the order of their serials.

    The columns cannot be written to; `numpy.array(log.value)` is a copy that can.

    Example:
        >>> from scan_sdk import DeviceLog
        >>> log = DeviceLog("x", [0, 1], [1000, 2000], [1.0, 2.5])
        >>> log.value
        array([1. , 2.5])
        >>> DeviceLog.model_validate_json(log.model_dump_json()) == log
        True
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, arbitrary_types_allowed=True
    )

    name: str
    """The device, by the name that the Log command used."""
    serial: Annotated[
        NDArray[np.int64],
        PlainValidator(_integers),
        PlainSerializer(_plain, when_used="json"),
        WithJsonSchema(_WHOLE_NUMBERS),
    ]
    """int64. All devices of one Log command share a serial; serials count up from 0."""
    time: Annotated[
        NDArray[np.int64],
        PlainValidator(_integers),
        PlainSerializer(_plain, when_used="json"),
        WithJsonSchema(_WHOLE_NUMBERS),
    ]
    """int64, POSIX milliseconds: the device's own time stamps, not the time of logging (trap 36)."""
    value: Annotated[
        Column,
        PlainValidator(_values),
        PlainSerializer(_plain, when_used="json"),
        WithJsonSchema(_ANY_VALUES),
    ]
    """float64 where every value is a number as the server writes numbers; rows of float64, two-dimensional or
    an array of arrays, where they are rows of numbers; else texts as they came."""

    if TYPE_CHECKING:

        def __init__(self, name: str, serial: ArrayLike, time: ArrayLike, value: ArrayLike) -> None:
            """Take the columns; lists will do.

            Raises:
                pydantic.ValidationError: They are of no such types, or differ in length.
            """
    else:

        def __init__(self, *args: object, **fields: object) -> None:
            super().__init__(**dict(zip(("name", "serial", "time", "value"), args, strict=False)), **fields)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def kind(self) -> Kind:
        """What the values are: numbers, rows of numbers, or text."""
        return kind_of(self.value)

    @model_validator(mode="before")
    @classmethod
    def _from_json(cls, fields: Any) -> Any:
        """Take the kind from JSON, where "NaN" may be a number or a text."""
        if not isinstance(fields, dict):
            return fields
        given: dict[str, Any] = {**fields}
        kind = given.pop("kind", None)
        if kind is not None and isinstance(given.get("value"), list):
            given["value"] = _READ.get(kind, _column)(given["value"])
        return given

    @model_validator(mode="after")
    def _of_one_length(self) -> DeviceLog:
        if not len(self.serial) == len(self.time) == len(self.value):
            lengths = f"{len(self.serial)}, {len(self.time)} and {len(self.value)}"
            raise ValueError(f"serial, time and value have {lengths} entries; give as many of each")
        return self

    def __len__(self) -> int:
        return len(self.serial)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DeviceLog):
            return NotImplemented
        return (
            self.name == other.name
            and np.array_equal(self.serial, other.serial)
            and np.array_equal(self.time, other.time)
            and columns_equal(self.value, other.value)
        )

    @property
    def datetime(self) -> NDArray[np.datetime64]:
        """The times as datetime64[ms], in UTC."""
        return self.time.astype("datetime64[ms]")

    def __repr__(self) -> str:
        return f"DeviceLog('{self.name}', {len(self)} samples of {self.kind})"

    __str__ = __repr__

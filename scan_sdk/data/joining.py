"""Putting together what came in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from scan_sdk._wire.log import sample_text
from scan_sdk.data.columns import Column, rows_column, typed
from scan_sdk.data.device import DeviceLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

__all__ = ["joined"]


def joined(pieces: Iterable[Mapping[str, DeviceLog]]) -> list[DeviceLog]:
    """Return the columns of all devices, in the order in which these first come up."""
    parts: dict[str, list[DeviceLog]] = {}
    for piece in pieces:
        for name, log in piece.items():
            parts.setdefault(name, []).append(log)
    return [_joined(name, logs) for name, logs in parts.items()]


def _joined(name: str, logs: list[DeviceLog]) -> DeviceLog:
    filled = [log for log in logs if len(log)]
    if len(filled) <= 1:
        return (filled or logs)[0]
    serial = np.concatenate([log.serial for log in filled])
    time = np.concatenate([log.time for log in filled])
    return DeviceLog(name, serial, time, _column(filled))


def _column(logs: list[DeviceLog]) -> Column:
    """Return the values of all; where they are not of one kind, they have the one that they have together."""
    kinds = {log.kind for log in logs}
    if kinds in ({"text"}, {"numbers"}):
        together: Column = np.concatenate([cast("NDArray[Any]", log.value) for log in logs])
        return together
    if "text" not in kinds:
        return rows_column([row for log in logs for row in _rows(log)])
    return typed([text for log in logs for text in _texts(log)])


def _rows(log: DeviceLog) -> list[list[float]]:
    return log.value[:, np.newaxis].tolist() if log.kind == "numbers" else [row.tolist() for row in log.value]


def _texts(log: DeviceLog) -> list[str]:
    if log.kind == "rows":
        return [sample_text(row.tolist()) for row in log.value]
    return [sample_text(value) for value in log.value.tolist()]

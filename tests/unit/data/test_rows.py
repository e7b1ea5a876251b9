"""Rows of numbers have one form, however they are given."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from scan_sdk import DeviceLog


def objects(*items: object) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = item
    return array


def test_rows_of_one_length_are_an_array_of_two_dimensions() -> None:
    given = DeviceLog("s", [0, 1], [0, 1], objects(np.array([1.0, 2.0]), np.array([3, 4])))
    assert given.value.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert given == DeviceLog("s", [0, 1], [0, 1], [[1, 2], [3, 4]])
    assert DeviceLog.model_validate_json(given.model_dump_json()) == given


def test_rows_of_different_lengths_are_float64() -> None:
    given = DeviceLog("s", [0, 1], [0, 1], objects(np.array([1]), np.array([3, 4])))
    assert [row.dtype for row in given.value] == [np.float64, np.float64]


def test_no_rows_are_no_numbers() -> None:
    given = DeviceLog("s", [], [], np.empty((0, 3)))
    assert (given.kind, given.value.shape) == ("numbers", (0,))
    assert DeviceLog.model_validate_json(given.model_dump_json()) == given


def test_rows_and_texts_do_not_mix() -> None:
    with pytest.raises(ValidationError, match="give numbers, texts, or rows of numbers"):
        DeviceLog("s", [0, 1], [0, 1], objects(np.array([1]), "a"))

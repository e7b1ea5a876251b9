"""What is new in a log that grows, and how pieces become whole again."""

from __future__ import annotations

import pytest

from scan_sdk.data import DeviceLog, ScanData
from scan_sdk.data.growth import Growth
from scan_sdk.errors import ProtocolError


def log(name, serials, values=None, times=None):
    return DeviceLog(name, serials, times or serials, values or [float(serial) for serial in serials])


def test_what_is_new_is_told_once():
    growth = Growth()
    first = ScanData([log("x", [0, 1])])
    assert growth.whole(first) == first
    assert growth.whole(first) == ScanData()
    longer = ScanData([log("x", [0, 1, 2, 3]), log("late", [3])])
    assert growth.whole(longer) == ScanData([log("x", [2, 3]), log("late", [3])])
    assert growth.last_serial == 3


def test_what_is_beyond_a_serial_is_told_another_time():
    growth = Growth()
    data = ScanData([log("x", [0, 1, 2]), log("y", [2])])
    assert growth.whole(data, 1) == ScanData([log("x", [0, 1])])
    assert growth.last_serial == 1
    assert growth.whole(data, 2) == ScanData([log("x", [2]), log("y", [2])])


def test_order_is_kept_where_lower_serials_follow_what_is_not_told_yet():
    growth = Growth()
    data = ScanData([log("x", [5, 6, 0, 1])])
    assert growth.whole(data, 5) == ScanData([log("x", [5])])
    assert growth.whole(data) == ScanData([log("x", [6, 0, 1])])


def test_what_came_among_samples_told_before_is_found():
    growth = Growth()
    growth.whole(ScanData([log("x", [3, 4, 5], times=[30, 40, 50])]))
    grown = ScanData([log("x", [0, 1, 3, 3, 4, 5, 6], times=[7, 7, 30, 8, 40, 50, 60])])
    assert growth.whole(grown) == ScanData([log("x", [0, 1, 3, 6], times=[7, 7, 8, 60])])
    assert growth.whole(grown) == ScanData()


def test_added_samples_count_as_told():
    growth = Growth()
    growth.whole(ScanData([log("x", [0])]))
    added = ScanData([log("x", [1, 2]), log("y", [2])])
    assert growth.added(added) == added
    assert growth.whole(ScanData([log("x", [0, 1, 2, 3]), log("y", [2])])) == ScanData([log("x", [3])])


@pytest.mark.parametrize(
    "later",
    [
        ScanData(),
        ScanData([log("y", [0, 1, 2])]),
        ScanData([log("x", [0])]),
        ScanData([log("x", [0, 2])]),
        ScanData([log("x", [0, 1], times=[0, 9])]),
    ],
    ids=["nothing", "another device", "shorter", "other serials", "other times"],
)
def test_a_log_that_lost_what_it_had_is_an_error(later):
    growth = Growth()
    growth.whole(ScanData([log("x", [0, 1])]))
    with pytest.raises(ProtocolError, match="the log of 'x' no longer holds"):
        growth.whole(later)


def test_no_pieces_are_no_data():
    assert ScanData.concat([]) == ScanData()


def test_empty_logs_join():
    empty = ScanData([DeviceLog("x", [], [], [])])
    assert ScanData.concat([empty, empty]) == empty
    assert ScanData.concat([empty, ScanData([log("x", [0])])]) == ScanData([log("x", [0])])


def test_numbers_among_texts_are_written_as_java_does():
    pieces = [ScanData([log("x", [0], [1e-5])]), ScanData([log("x", [1], ["off"])])]
    assert ScanData.concat(pieces)["x"].value.tolist() == ["1.0E-5", "off"]


def test_text_stays_text():
    """As it is where the values were asked for as text."""
    pieces = [ScanData([log("x", [0], ["1.0"])]), ScanData([log("x", [1], ["2.0"])])]
    assert ScanData.concat(pieces)["x"].value.tolist() == ["1.0", "2.0"]

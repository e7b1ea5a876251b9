"""What may be asked for, and what is refused before anything is sent."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydantic import ValidationError

from scan_sdk._protocol import operations
from scan_sdk._protocol.options import SubmitOptions, WaitOptions, check_id, check_steps

ZURICH = ZoneInfo("Europe/Zurich")
LOCAL = datetime.fromisoformat("2026-11-23 17:30:00")
"""A datetime without time zone."""


def target(name="x", **options):
    return SubmitOptions.check(name=name, **options).target


def test_defaults_are_left_to_the_server():
    assert target() == "/scan/x"


def test_every_option_is_sent():
    assert target(queue=False, pre_post=False, timeout=5) == "/scan/x?queue=false&pre_post=false&timeout=5"


@pytest.mark.parametrize(
    ("timeout", "sent"),
    [(10.0, 10), (10, 10), (timedelta(minutes=2), 120), (np.float64(3), 3), (2**40, 2**40)],
)
def test_trap_06_whole_seconds_are_taken_however_they_are_written(timeout, sent):
    assert target(timeout=timeout) == f"/scan/x?timeout={sent}"


@pytest.mark.parametrize("timeout", [0, 0.0, None, timedelta(0)])
def test_no_timeout(timeout):
    assert target(timeout=timeout) == "/scan/x"


@pytest.mark.parametrize(
    ("timeout", "reason"),
    [
        (1.5, "whole seconds: 1 or 2"),
        (timedelta(milliseconds=1500), "whole seconds: 1 or 2"),
        (-1, "not negative"),
        (float("inf"), "whole seconds"),
        (float("nan"), "whole seconds"),
        (2**63, "longer than the server can count"),
        ("10", "a number of seconds, or as a timedelta"),
        (True, "a number of seconds, or as a timedelta"),
    ],
)
def test_trap_06_other_timeouts_are_refused_with_a_hint(timeout, reason):
    with pytest.raises(ValidationError, match=reason):
        SubmitOptions.check(name="x", timeout=timeout)


@pytest.mark.parametrize(
    "deadline",
    [
        "2026-11-23 17:30:00",
        " 2026-11-23 17:30:00 ",
        LOCAL,
        LOCAL.replace(microsecond=7),
    ],
)
def test_trap_06_a_deadline_is_sent_as_the_servers_local_time(deadline):
    assert target(deadline=deadline) == "/scan/x?deadline=2026-11-23%2017%3A30%3A00"


def test_trap_06_a_deadline_with_a_time_zone_is_converted():
    deadline = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert target(deadline=deadline, timezone=ZURICH) == "/scan/x?deadline=2026-11-23%2017%3A30%3A00"


def test_trap_06_a_deadline_with_a_time_zone_needs_the_servers():
    with pytest.raises(ValidationError, match="timezone=ZoneInfo"):
        SubmitOptions.check(name="x", deadline=datetime(2026, 11, 23, tzinfo=UTC))


def test_a_year_has_four_digits():
    assert target(deadline=LOCAL.replace(year=26)) == "/scan/x?deadline=0026-11-23%2017%3A30%3A00"


@pytest.mark.parametrize("deadline", [None, "0000-00-00 00:00:00"])
def test_no_deadline(deadline):
    assert target(deadline=deadline, timeout=3) == "/scan/x?timeout=3"


@pytest.mark.parametrize(
    "deadline", ["tomorrow", "", "2026-11-31 00:00:00", "2026-11-23", date(2026, 11, 23), 5]
)
def test_other_deadlines_are_refused_with_a_hint(deadline):
    with pytest.raises(ValidationError, match="deadline"):
        SubmitOptions.check(name="x", deadline=deadline)


def test_a_timeout_and_a_deadline_exclude_each_other():
    with pytest.raises(ValidationError, match="not both"):
        SubmitOptions.check(name="x", timeout=5, deadline="2030-01-01 00:00:00")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Nested & <Loop> äö / 100% ?", "Nested%20%26%20%3CLoop%3E%20%C3%A4%C3%B6%20%2F%20100%25%20%3F"),
        ("a/../b", "a%2F..%2Fb"),
        ("😀", "%F0%9F%98%80"),
        ("...", "..."),
    ],
)
def test_names_are_encoded_whole(name, path):
    assert target(name) == f"/scan/{path}"


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\x00", "a\x7f", "\ud800", "\uffff", None, 5])
def test_names_that_cannot_be_sent_are_refused(name):
    with pytest.raises(ValidationError, match="name"):
        SubmitOptions.check(name=name)


@pytest.mark.parametrize("option", ["queue", "pre_post"])
@pytest.mark.parametrize("value", ["no", 0, None])
def test_switches_are_booleans(option, value):
    with pytest.raises(ValidationError):
        SubmitOptions.check(name="x", **{option: value})


@pytest.mark.parametrize("scan_id", [0, 5, np.int64(5), 2**62])
def test_ids(scan_id):
    assert check_id(scan_id) == scan_id


@pytest.mark.parametrize("scan_id", [-1, True, "3", 3.0, None])
def test_trap_07_an_id_is_never_all_of_them(scan_id):
    with pytest.raises(ValidationError, match="abort_all"):
        check_id(scan_id)


def test_times_to_wait():
    options = WaitOptions.check(timeout=timedelta(minutes=1), patience=5)
    assert (options.timeout, options.patience) == (60.0, 5.0)
    assert WaitOptions.check(patience=0).timeout is None


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "10", True])
def test_times_to_wait_are_numbers(seconds):
    with pytest.raises(ValidationError):
        WaitOptions.check(timeout=seconds, patience=1)


@pytest.mark.parametrize("steps", [-3, 0, np.int64(2)])
def test_steps(steps):
    assert check_steps(steps) == steps


@pytest.mark.parametrize("steps", [1.0, "1", True, None])
def test_steps_are_whole_numbers(steps):
    with pytest.raises(ValidationError, match="whole number"):
        check_steps(steps)


def test_values_are_typed_or_text_and_nothing_is_asked_for_otherwise():
    with pytest.raises(ValueError, match='values="txt": give "typed" or "text"'):
        operations.get_data(1, "txt")

"""What is different between two scans."""

import time

import pytest

from scan_sdk.formats import Change, PropertyChange, Spot, diff_commands, load_commands
from scan_sdk.models import Comment, Delay, Log, Loop, Parallel, Set, Wait
from scan_sdk.sequence import CommandSequence


def brief(changes):
    return [
        (change.kind, *(spot and spot.address for spot in (change.old, change.new)), *change.properties)
        for change in changes
    ]


def test_another_end_of_a_loop_is_one_change_whatever_is_in_it():
    body = [Log("a"), Delay(1)]
    old, new = [Loop("x", 1, 5, 1, body)], [Loop("x", 1, 9, 1, body)]
    [change] = diff_commands(old, new)
    assert change == Change(
        "changed", Spot(0, (0,), old[0]), Spot(0, (0,), new[0]), (PropertyChange("end", 5.0, 9.0),)
    )


def test_what_is_put_into_a_body_is_shown_at_its_address_in_it():
    old = [Comment("a"), Loop("x", 1, 5, 1, Log("a")), Delay(1)]
    new = [Comment("a"), Loop("x", 1, 5, 1, Parallel(Delay(2)), Log("a")), Delay(1)]
    [change] = diff_commands(old, new)
    assert (change.kind, change.old, change.new) == ("added", None, Spot(2, (1, 0), Parallel(Delay(2))))


def test_a_command_that_stands_elsewhere_has_moved():
    old = [Set("x", 1), Set("y", 2), Loop("z", 1, 3, 1, Log("a")), Delay(1)]
    new = [Set("x", 1), Loop("z", 1, 3, 1, Log("a"), Set("y", 2)), Delay(1)]
    assert brief(diff_commands(old, new)) == [("moved", 1, 3)]


def test_a_command_of_another_kind_is_not_a_change_but_two():
    assert brief(diff_commands([Delay(1)], [Log("a")])) == [("removed", 0, None), ("added", None, 0)]


def test_the_same_device_says_what_has_changed():
    old = [Set("x", 1), Set("y", 1), Wait("x", 1)]
    new = [Set("y", 2), Wait("x", 1, ">", timeout=5)]
    assert brief(diff_commands(old, new)) == [
        ("removed", 0, None),
        ("changed", 1, 0, PropertyChange("value", 1.0, 2.0)),
        (
            "changed",
            2,
            1,
            PropertyChange("comparison", "EQUALS", "ABOVE"),
            PropertyChange("timeout", 0.0, 5.0),
        ),
    ]


def test_where_and_how_commands_were_written_plays_no_part():
    document = "<commands><!-- a -->\n<delay><seconds>1</seconds></delay></commands>"
    assert diff_commands(load_commands(document, "xml"), [Delay(1)]) == []


def test_what_only_a_server_would_take_is_the_same_as_itself():
    document = "<commands><delay><seconds>NaN</seconds></delay></commands>"
    old, new = (load_commands(document, "xml", strict=False) for _ in range(2))
    assert diff_commands(old, new) == []


def rows(count, scale=1.0):
    return [
        command
        for index in range(count)
        for command in (Set("x", index * scale), Set("y", index % 5), Wait("c", 100, ">="), Log("a", "b"))
    ]


@pytest.mark.slow
def test_ten_thousand_commands_are_compared_within_seconds_whatever_has_changed():
    old = CommandSequence(rows(2500))
    begun = time.process_time()
    assert brief(diff_commands(old, [*old[:5000], Delay(2), *old[5000:]])) == [("added", None, 5000)]
    assert {change.kind for change in diff_commands(old, rows(2500, 1.0001))} == {"changed"}
    assert len(diff_commands(old, [Delay(index) for index in range(10_000)])) == 20_000
    assert len(diff_commands([Delay(1), Log("a")] * 5000, [Delay(2), Log("a")] * 4000)) == 6000
    assert diff_commands(old, old[::-1])
    assert time.process_time() - begun < 20


def test_long_stretches_of_alike_commands_are_paired_in_order():
    old = [Delay(index % 2) for index in range(1000)]
    new = [Set("x", index % 3) if index % 10 else Delay(index % 3) for index in range(1000)]
    assert len(diff_commands(old, new)) > 1000


def test_bodies_as_deep_as_they_may_be_are_compared():
    old, new = Delay(1), Delay(2)
    for _ in range(96):
        old, new = Parallel(old), Parallel(new)
    old, new = (load_commands(CommandSequence(scan).to_xml(), "xml", source="f") for scan in (old, new))
    assert brief(diff_commands(old, new)) == [("changed", 96, 96, PropertyChange("seconds", 1.0, 2.0))]

"""What a client remembers of the places where commands were written, and what it forgets."""

from __future__ import annotations

from datetime import UTC, datetime

from scan_sdk._protocol.origins import Origin, Origins
from scan_sdk.models import CellSource, Comment, Delay, If, Loop, ScanInfo, ScanState, Set

CELL = CellSource(7, "x")
COMMANDS = [Comment("a").at(CELL)]


def info(scan_id, name="night"):
    return ScanInfo(id=scan_id, name=name, created=datetime.now(UTC), state=ScanState.FAILED)


def kept(origins, scan_id, commands=COMMANDS, name="night"):
    return origins.sources(info(scan_id, name), commands)


def test_a_place_is_that_of_the_command_or_of_what_it_is_in():
    inner = If("x", "<", 5, Delay(1), Delay(2).at(CellSource(3)))
    origin = Origin.of("night", [Delay(0), Loop("x", 1, 2, 1, inner, Delay(3)).at(CELL), Delay(4)])
    assert origin.sources == (None, CELL, CELL, CELL, CellSource(3), CELL, None)


def test_to_collect_places_leaves_nothing_in_the_commands():
    command = Loop("x", 1, 2, 1, Delay(1))
    before = set(vars(command))
    Origin.of("night", [command])
    assert (set(vars(command)), "source" in vars(command.body[0])) == (before, False)


def test_scans_of_which_nothing_is_known_take_no_place():
    origins = Origins()
    for scan_id in range(1, 500):
        origins.keep(scan_id, Origin.of("night", [Delay(1)]))
    origins.keep(500, Origin.of("night", COMMANDS))
    for scan_id in range(501, 999):
        origins.keep(scan_id, Origin.of("night", [Delay(1)]))
    assert kept(origins, 500) == (CELL,)
    assert kept(origins, 600, [Delay(1)]) == ()


def test_the_latest_scans_are_remembered():
    origins = Origins()
    for scan_id in range(1, 151):
        origins.keep(scan_id, Origin.of("night", COMMANDS))
    assert [scan_id for scan_id in range(1, 151) if kept(origins, scan_id)] == list(range(51, 151))


def test_so_many_commands_are_remembered_and_the_latest_scan_in_any_case(monkeypatch):
    monkeypatch.setattr(Origins, "COMMANDS", 5)
    origins = Origins()
    long = COMMANDS * 3
    for scan_id in (1, 2, 3):
        origins.keep(scan_id, Origin.of("night", long))
    assert [bool(kept(origins, scan_id, long)) for scan_id in (1, 2, 3)] == [False, False, True]
    origins.keep(4, Origin.of("night", COMMANDS * 2))
    assert [bool(kept(origins, 3, long)), bool(kept(origins, 4, COMMANDS * 2))] == [True, True]
    origins.keep(5, Origin.of("night", COMMANDS * 9))
    assert len(kept(origins, 5, COMMANDS * 9)) == 9
    assert kept(origins, 4, COMMANDS * 2) == ()


def test_an_id_that_is_given_out_again_is_another_scan():
    origins = Origins()
    origins.keep(1, Origin.of("night", COMMANDS * 2))
    origins.keep(1, Origin.of("night", COMMANDS))
    assert kept(origins, 1) == (CELL,)
    assert kept(origins, 1, COMMANDS * 2) == ()
    assert kept(origins, 1, name="day") == ()
    assert kept(origins, 1, [Set("x", 1)]) == ()
    assert kept(origins, 1, [Comment("changed")]) == (CELL,)
    origins.keep(1, Origin.of("night", [Delay(1)]))
    assert kept(origins, 1) == ()

"""How far a scan has got: what is shown keeps within its bounds, whatever is counted."""

from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import Delay, Log, Loop, Parallel, ScanState, Sequence, Set
from scan_sdk.server.engine.progress import Progress

TOTALS = st.integers(-(2**31), 2**31)
STEPS = st.lists(st.integers(0, 5), max_size=30)


@given(TOTALS, STEPS, STEPS)
def test_what_is_shown_only_grows_and_is_within_its_bounds(total, before, own):
    progress = Progress(total)
    assert (progress.performed, progress.command, progress.address) == (0, "", -1)
    progress.started = 1_000
    for units in before:
        progress.add(units)
    progress.begin()
    shown = [progress.performed]
    for units in own:
        progress.add(units)
        shown.append(progress.performed)
    with progress.aside():
        progress.add(1)
    assert shown == sorted(shown)
    assert shown[0] == 0
    assert progress.performed == shown[-1] == min(sum(own), max(0, total))
    progress.end(5_000)
    assert progress.performed == progress.total == max(0, total)
    assert (progress.command, progress.runtime(9_000), progress.finish(9_000)) == ("- end -", 4_000, 5_000)


@given(TOTALS)
def test_a_scan_that_never_began_has_done_nothing(total):
    progress = Progress(total)
    progress.end(None)
    assert (progress.performed, progress.command, progress.runtime(7), progress.finish(7)) == (0, "", 0, None)


def test_the_end_that_is_expected_follows_from_the_units_done():
    progress = Progress(4)
    progress.started = 1_000
    assert progress.finish(3_000) == 3_000
    progress.add(1)
    assert progress.finish(3_000) == 9_000
    progress.add(3)
    assert progress.finish(3_000) == 3_000


async def test_each_kind_of_command_counts_where_it_always_did(rig):
    body = [
        Sequence(Delay(1), Delay(1)),
        Parallel(Delay(1)),
        Loop("x", 1, 2, 1),
        Loop("x", 1, 2, 1, Set("y", 1)),
    ]
    scan = await rig.submit(*body, Log("x"))
    seen = [scan.info().performed_work_units]
    while not scan.is_done:
        await rig.clock.advance(1)
        seen.append(scan.info().performed_work_units)
        if scan.progress.counted == scan.progress.total:
            await rig.until_done(scan)
    # The sequence counts itself first, the parallel command last; loops count what is in them, or their steps
    assert seen[:4] == [1, 2, 3, 10]
    assert (scan.state, scan.info().performed_work_units) == (ScanState.FINISHED, 10)

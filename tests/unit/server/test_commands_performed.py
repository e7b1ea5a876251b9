"""What performing each command means, on a clock that stands still."""

from datetime import timedelta

import pytest

from scan_sdk.models import (
    Comment,
    ConfigLog,
    Delay,
    If,
    Log,
    Loop,
    Parallel,
    PvConfig,
    ScanState,
    Sequence,
    Set,
    Wait,
)

from .conftest import CONFIG, make_rig, values

FINISHED, FAILED, RUNNING = ScanState.FINISHED, ScanState.FAILED, ScanState.RUNNING


async def error_of(rig, *commands):
    scan = await rig.run(*commands)
    assert scan.state is FAILED
    return scan.info().error


async def test_a_log_has_one_serial_for_all_its_devices(rig):
    scan = await rig.run(Log("x", "y"), Set("x", 2), Log("x"), Log("loc://y(0)"))
    assert await rig.data(scan) == {"x": [(0, "0.0"), (1, "2.0")], "y": [(0, "0.0"), (2, "0.0")]}
    assert scan.last_serial == 2


async def test_data_goes_by_the_full_name_where_only_that_is_used(rig):
    scan = await rig.run(Log("loc://x(0)"), Log("x"))
    assert sorted(await rig.data(scan)) == ["loc://x(0)", "x"]


async def test_rows_texts_and_choices_are_logged_as_text(rig):
    names = ("loc://a(1,2)", 'loc://t("µ <&>")', 'loc://e<VEnum>(1, "Off", "On")', "loc://i<VLong>(7)")
    scan = await rig.run(Log(*names))
    assert [values(samples) for samples in (await rig.data(scan)).values()] == [
        ["[1.0, 2.0]"],
        ["µ <&>"],
        ["On"],
        ["7"],
    ]


async def test_a_sample_has_the_time_of_the_device(rig):
    scan = await rig.submit(Set("x", 1), Delay(3), Log("x"))
    written = int(rig.clock.time() * 1000)
    await rig.clock.advance(3)
    await rig.until_done(scan)
    text = "".join([piece async for piece in rig.engine.data(scan.id)])
    assert f"<time>{written}</time>" in text


async def test_a_write_that_fails_names_value_and_pv(rig):
    assert await error_of(rig, Set("x", "abc")) == "Failed to write abc to loc://x(0)"
    assert await error_of(rig, Set("loc://arr(1,2)", 5)) == "Failed to write 5.0 to loc://arr(1,2)"


async def test_a_readback_that_never_comes_times_out_and_names_the_readback(rig):
    scan = await rig.submit(Set("x", 3.5, readback="y", tolerance=0.01, timeout=0.5))
    await rig.clock.advance(0.4)
    assert scan.state is RUNNING
    await rig.clock.advance(0.2)
    assert scan.info().error == "Timeout while waiting for y [loc://y(0)] (0.0) = 3.5"


async def test_a_readback_value_is_waited_for_instead_of_the_written_one(rig):
    scan = await rig.submit(Set("x", 5, readback="y", readback_value=1))
    assert scan.state is RUNNING
    await rig.run(Set("y", 1), queue=False)
    await rig.until_done(scan)
    assert scan.state is FINISHED


async def test_a_text_readback_is_compared_exactly(rig):
    await rig.run(Set("text", "abc", readback=True))
    scan = await rig.submit(Set("text", "abc", readback="text", readback_value="ab", timeout=1))
    await rig.clock.advance(1)
    assert scan.info().error == 'Timeout while waiting for text [loc://text("hello")] (abc) = ab'


async def test_completion_waits_for_the_motor(rig):
    scan = await rig.submit(Set("m", 4, completion=True), Log("m.RBV"))
    await rig.clock.advance(1.9)
    assert scan.state is RUNNING
    await rig.clock.advance(0.2)
    await rig.until_done(scan)
    assert await rig.data(scan) == {"m.RBV": [(0, "4.0")]}


async def test_completion_that_takes_too_long_names_value_and_pv(rig):
    scan = await rig.submit(Set("m", 100, completion=True, timeout=1))
    await rig.clock.advance(1)
    assert scan.info().error == "Completion timeout for motor://m(0, 2) = 100.0"


async def test_after_completion_the_readback_has_a_second(rig):
    scan = await rig.submit(Set("x", 1, completion=True, readback="y", timeout=60))
    await rig.clock.advance(0.9)
    assert scan.state is RUNNING
    await rig.clock.advance(0.2)
    assert scan.info().error == "x [loc://x(0)] (1.0) != 1.0 after completion"


async def test_a_readback_that_moves_is_waited_for_to_within_the_tolerance(rig):
    scan = await rig.submit(Set("m", 4, readback="m.RBV", tolerance=1), Log("m.RBV"))
    await rig.clock.advance(1.6)
    await rig.until_done(scan)
    (logged,) = values((await rig.data(scan))["m.RBV"])
    assert 3 <= float(logged) <= 3.2


async def test_a_loop_writes_logs_and_counts(rig):
    scan = await rig.run(Loop("x", 1, 3, 1, Log("x"), Comment("a")))
    assert values((await rig.data(scan))["x"]) == ["1.0", "2.0", "3.0"]
    assert scan.info().total_work_units == 6


async def test_an_inner_loop_alternates(rig):
    scan = await rig.run(Loop("x", 0, 2, 1, Loop("y", 0, 1, -1, Log("y"))))
    assert values((await rig.data(scan))["y"]) == ["1.0", "0.0", "0.0", "1.0", "1.0", "0.0"]


async def test_a_loop_waits_for_its_readback_at_each_step(rig):
    scan = await rig.submit(Loop("m", 1, 3, 1, Log("m.RBV"), readback="m.RBV", tolerance=0.01))
    await rig.clock.advance(2)
    await rig.until_done(scan)
    assert [round(float(value), 2) for value in values((await rig.data(scan))["m.RBV"])] == [1, 2, 3]


async def test_a_loop_step_that_times_out_names_the_readback(rig):
    scan = await rig.submit(Loop("x", 1, 3, 1, readback="y", timeout=0.5))
    await rig.clock.advance(0.5)
    assert scan.info().error == "Timeout while waiting for y [loc://y(0)] (0.0) = 1.0"


async def test_a_loop_step_after_completion_fails_as_a_wait(rig):
    scan = await rig.submit(Loop("x", 1, 3, 1, completion=True, readback="y"))
    await rig.clock.advance(1)
    assert scan.info().error == "Timeout while waiting for y [loc://y(0)] (0.0) = 1.0"


async def test_automatic_logging_logs_writes_by_their_readback(rig):
    scan = await rig.run(
        ConfigLog(True),
        Set("x", 1),
        Set("y", 1, readback="x"),
        Loop("y", 1, 2, 1),
        ConfigLog(False),
        Set("x", 9),
    )
    assert await rig.data(scan) == {"x": [(0, "1.0"), (1, "1.0")], "y": [(2, "1.0"), (3, "2.0")]}


@pytest.mark.parametrize(
    ("comparison", "value", "holds"),
    [
        ("=", 5.05, True),
        ("=", 5.2, False),
        ("!=", 4, True),
        ("!=", 5, False),
        (">", 4, True),
        (">", 5, False),
        (">=", 5, True),
        ("<", 6, True),
        ("<", 5, False),
        ("<=", 5, True),
        ("=", "5.0", True),
        ("=", "5", False),
        (">", "4", True),
        ("!=", "x", True),
    ],
)
async def test_if_performs_its_body_where_the_comparison_holds(rig, comparison, value, holds):
    scan = await rig.run(Set("x", 5), If("x", comparison, value, Set("y", 1), Log("y")))
    assert (await rig.data(scan) == {"y": [(0, "1.0")]}) is holds
    assert scan.info().performed_work_units == scan.info().total_work_units == 3


async def test_wait_goes_on_when_another_scan_changes_the_device(rig):
    scan = await rig.submit(Wait("x", 2, ">="), Log("x"))
    await rig.run(Set("x", 1), queue=False)
    assert scan.state is RUNNING
    await rig.run(Set("x", 2), queue=False)
    await rig.until_done(scan)
    assert values((await rig.data(scan))["x"]) == ["2.0"]


@pytest.mark.parametrize(("comparison", "writes"), [("increase by", (6, 7)), ("decrease by", (4, 3))])
async def test_differences_count_from_the_start_of_the_wait(rig, comparison, writes):
    scan = await rig.submit(Set("x", 5), Wait("x", 2, comparison))
    await rig.run(Set("x", writes[0]), queue=False)
    assert scan.state is RUNNING
    await rig.run(Set("x", writes[1]), queue=False)
    await rig.until_done(scan)


async def test_wait_for_one_of_several_texts(rig):
    scan = await rig.submit(Wait("text", ["Open", "Ajar"], "in"), Wait("text", ["Open"], "not in"))
    await rig.run(Set("text", "Open"), queue=False)
    assert scan.state is RUNNING
    await rig.run(Set("text", " Ajar "), queue=False)
    await rig.until_done(scan)
    assert scan.state is FINISHED


async def test_wait_that_times_out_says_how_long_it_has_waited(rig):
    scan = await rig.submit(Wait("x", 60, timeout=2))
    await rig.clock.advance(1.5)
    info = scan.info()
    assert info.command == "Wait for 'x' = 60.0 (+-0.1) (2.0 sec timeout). Elapsed: 00:00:01"
    assert info.address == 0
    await rig.clock.advance(1)
    assert scan.info().error == "Timeout while waiting for x [loc://x(0)] (0.0) = 60.0"


async def test_a_wait_for_texts_names_them_when_it_times_out(rig):
    scan = await rig.submit(Wait("text", ["a", "b"], "in", timeout=1))
    await rig.clock.advance(1)
    assert scan.info().error == 'Timeout while waiting for text [loc://text("hello")] (hello) in "a", "b"'


async def test_a_comparison_that_makes_no_sense_fails_the_scan(rig):
    wait = "<wait><device>text</device><value>abc</value><comparison>INCREASE_BY</comparison></wait>"
    scan = rig.engine.scan(await rig.engine.submit("odd", f"<commands>{wait}</commands>".encode()))
    await rig.until_done(scan)
    assert scan.info().error == "Condition not implemented for strings: to increase by"


async def test_delay_counts_down(rig):
    scan = await rig.submit(Delay(3661.5))
    assert scan.info().command == "Delay 3661.5 sec. Remaining: 01:01:01"
    await rig.clock.advance(3661.25)
    assert scan.info().command == "Delay 3661.5 sec. Remaining: 00:00:00.250"
    await rig.clock.advance(0.25)
    await rig.until_done(scan)
    assert scan.info().runtime == timedelta(seconds=3661.5)


async def test_parallel_performs_its_commands_at_the_same_time(rig):
    scan = await rig.submit(Parallel(Delay(2), Sequence(Delay(1), Set("x", 1)), Delay(2)), Log("x"))
    await rig.clock.advance(2)
    await rig.until_done(scan)
    assert scan.info().runtime == timedelta(seconds=2)
    assert scan.info().total_work_units == 1 + 1 + 3 + 1 + 1


async def test_an_empty_parallel_is_over_at_once(rig):
    assert (await rig.run(Parallel(), Parallel(timeout=5))).state is FINISHED


async def test_the_first_error_in_parallel_stops_the_rest(rig):
    scan = await rig.submit(
        Parallel(Sequence(Delay(3), Set("y", 1)), Wait("x", 5, timeout=1), Wait("x", 7, timeout=1))
    )
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert scan.info().error == "Timeout while waiting for x [loc://x(0)] (0.0) = 5.0 (Parallel)"
    assert rig.clock.next_due is None


async def test_an_error_in_nested_parallels_says_so_twice(rig):
    assert (await error_of(rig, Parallel(Parallel(Set("x", "a"))))) == (
        "Failed to write a to loc://x(0) (Parallel) (Parallel)"
    )


async def test_a_parallel_that_runs_out_of_time_stops_its_commands(rig):
    scan = await rig.submit(Parallel(Delay(5), timeout=0.4), Log("x"))
    await rig.clock.advance(0.4)
    await rig.until_done(scan)
    assert scan.info().error == "Parallel time out (0.4 sec)"
    assert rig.clock.next_due is None


async def test_macros_are_replaced_in_names_when_performed_but_not_in_values_or_stored_commands(rig):
    scan = await rig.run(Set("$(axis)", 2), Set("text", "$(axis)"), Log("$(axis)", "text", "$(other=y)"))
    assert await rig.data(scan) == {"x": [(0, "2.0")], "text": [(0, "$(axis)")], "y": [(0, "0.0")]}
    assert "<device>$(axis)</device>" in await scan.document()


async def test_a_device_that_never_connects_fails_the_scan_by_name(rig):
    scan = await rig.submit(Set("nowhere", 1), Log("x"))
    info = scan.info()
    assert (info.state, info.command, info.address) == (
        RUNNING,
        "Waiting for device nowhere (Disconnected)",
        -1,
    )
    await rig.clock.advance(2)
    await rig.until_done(scan)
    assert scan.info().error == "No connection within 2.0 sec: nowhere (Disconnected)"


async def test_an_undefined_macro_fails_the_scan_by_name(rig):
    scan = await rig.submit(Set("$(undefined)", 1))
    await rig.clock.advance(2)
    await rig.until_done(scan)
    assert scan.info().error == "No connection within 2.0 sec: $(undefined) (Disconnected)"


@pytest.mark.parametrize(
    ("device", "error"),
    [
        ("foo://x", "foo://x has unknown PV type 'foo'"),
        ("loc://x(a)", "Error for PV loc://x: cannot read a number from 'a'"),
    ],
)
async def test_a_name_that_makes_no_pv_fails_the_scan(rig, device, error):
    assert await error_of(rig, Set("y", 1), Set(device, 1)) == error


async def test_an_alias_whose_pv_is_gone_shows_both_names(tmp_path):
    config = CONFIG.model_copy(update={"pvs": (PvConfig(name="ca://gone", alias="gone"),)})
    rig = await make_rig(tmp_path, config)
    scan = await rig.submit(Log("gone"))
    assert scan.info().command == "Waiting for device gone [ca://gone] (Disconnected)"
    await rig.engine.stop()


async def test_local_variables_begin_anew_for_the_next_scan(rig):
    await rig.run(Set("x", 7))
    scan = await rig.run(Log("x"))
    assert await rig.data(scan) == {"x": [(0, "0.0")]}


async def test_devices_show_their_values_while_the_scan_runs_and_none_later(rig):
    scan = await rig.submit(Set("x", 1), Log("text"), Delay(1))
    assert [(device.alias, device.status) for device in rig.engine.devices(scan.id)] == [
        ("x", "1.0"),
        ("text", "hello"),
    ]
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert {device.status for device in rig.engine.devices(scan.id)} == {"no PV"}
    assert {device.status for device in rig.engine.devices(-1)} == {"no PV"}
    assert len(rig.engine.devices(-1)) == len(CONFIG.pvs)


async def test_comments_are_printed_with_their_macros(rig, caplog):
    caplog.set_level("INFO", "scan_sdk.server")
    await rig.run(Comment("at $(axis)"))
    assert "Comment: at x" in caplog.messages


async def test_endless_macros_fail_the_scan(tmp_path):
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"macros": "a=$(a)"}))
    scan = await rig.run(Comment("$(a)"))
    assert scan.info().error == "The macros of '$(a)' refer to themselves"
    scan = await rig.run(Log("$(a)"))
    assert scan.info().error == "The macros of '$(a)' refer to themselves"
    await rig.engine.stop()

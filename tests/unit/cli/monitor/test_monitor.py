"""The monitor with a server: what is seen, and what keys do."""

import asyncio

import pytest

from scan_sdk import Comment, Delay, Log, Loop, ScanClient, ScanState, Set, Wait
from scan_sdk.cli._monitor.panels import CommandList, SampleTable, ScanList
from scan_sdk.cli._monitor.plot import Plot
from scan_sdk.errors import ScanFailed, UnknownScan
from scan_sdk.server import EmbeddedServer
from tests.unit.cli.monitor.conftest import monitor

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("held_clock")]

EDGE = [Loop("motor_x", 1, 5, 1, [Set("loc://count", 3), Log("motor_x", "loc://count")])]


def running(client, *commands, name="Long scan"):
    """Submit a scan that goes on until it is told otherwise, and wait until it has begun."""
    scan_id = client.submit([*commands, Delay(3600)], name)
    for info in client.watch(scan_id):
        if "Delay" in info.command:
            return scan_id
    raise AssertionError


def fails(server, client, scan_id):
    """Let time pass until a scan has failed."""
    with server.virtual_clock.released(), pytest.raises(ScanFailed):
        client.wait_until_done(scan_id, timeout=10)


def state(client, scan_id):
    return client.scan_info(scan_id).state


async def test_the_running_scan_is_selected_at_the_start(scan_server, scan_client):
    scan_client.wait_until_done(scan_client.submit(Comment("hello"), "Before"))
    running(scan_client, Comment("hello"))
    scan_client.submit(Delay(1), "Waits")
    async with monitor(scan_server) as screen:
        await screen.sees("▸ 2     ▶ Running  Long scan", "2 'Long scan': Running, 1 of 2 commands done")
        await screen.sees("▶   1 Delay 3600.0 sec", "    0 hello")
        assert "Scans: 1 running or paused, 1 waiting, 1 done" in screen.text


async def test_waiting_scans_are_listed_in_the_order_of_their_turn(scan_server, scan_client):
    running(scan_client)
    for name in ("One", "Two", "Three"):
        scan_client.submit(Delay(1), name)
    scan_client.move(4, -2)
    async with monitor(scan_server) as screen:
        await screen.sees("Three")
        places = [screen.text.index(f" {name} ") for name in ("Long scan", "Three", "One", "Two")]
        assert places == sorted(places)


async def test_pause_and_resume_and_next_do_so_and_say_so(scan_server, scan_client):
    scan_id = running(scan_client)
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running")
        await screen.press("p")
        await screen.sees("‖ Paused")
        assert state(scan_client, scan_id) is ScanState.PAUSED
        await screen.press("r")
        await screen.sees("▶ Running")
        await screen.press("n")
        await screen.is_told(f"scan {scan_id} 'Long scan' goes on to its next command")
        await screen.sees("✓ Finished")
        assert state(scan_client, scan_id) is ScanState.FINISHED


async def test_what_the_server_refuses_is_told_with_the_reason(scan_server, scan_client):
    running(scan_client)
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running")
        await screen.press("r")
        await screen.is_told("scan 1 is Running: only a paused scan can be resumed")
        await screen.press("left_square_bracket")
        await screen.is_told("only a scan that waits in the queue can be moved")
        await screen.press("d")
        await screen.is_told("scan 1 is Running: abort it first")
        await screen.press("c")
        await screen.is_told("no scan is done")


async def test_abort_asks_with_the_name_and_no_is_no(scan_server, scan_client):
    scan_id = running(scan_client, name="Night shift")
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running")
        await screen.press("a")
        await screen.sees("Abort scan 1 'Night shift'?")
        await screen.press("enter")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert state(scan_client, scan_id) is ScanState.RUNNING
        await screen.press("a")
        await screen.sees("Abort scan 1 'Night shift'?")
        await screen.press("y")
        await screen.sees("■ Aborted")
        assert state(scan_client, scan_id) is ScanState.ABORTED
        await screen.is_told("scan 1 'Night shift' was aborted")
        await screen.press("a")
        await screen.is_told("scan 1 is Aborted: there is nothing to abort")


async def test_a_button_is_pressed_with_the_mouse(scan_server, scan_client):
    scan_id = running(scan_client)
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running")
        await screen.press("a")
        await screen.sees("Abort it")
        await screen.pilot.click("#yes")
        await screen.sees("■ Aborted")
        assert state(scan_client, scan_id) is ScanState.ABORTED


async def test_a_waiting_scan_is_moved_to_an_earlier_turn(scan_server, scan_client):
    running(scan_client)
    first, second = scan_client.submit(Delay(1), "First"), scan_client.submit(Delay(1), "Second")
    async with monitor(scan_server) as screen:
        await screen.sees("Second")
        await screen.press("j", "j", "left_square_bracket")
        await screen.until(lambda: screen.text.index(" Second ") < screen.text.index(" First "))
        assert [info.id for info in scan_client.scan_infos()][:2] == [first, second]
        await screen.press("right_square_bracket")
        await screen.until(lambda: screen.text.index(" Second ") > screen.text.index(" First "))


async def test_delete_and_clear_ask_first(scan_server, scan_client):
    for name in ("A", "B", "C"):
        scan_client.wait_until_done(scan_client.submit(Comment("done"), name))
    async with monitor(scan_server) as screen:
        await screen.sees("▸ 3     ✓ Finished C")
        await screen.press("j", "d")
        await screen.sees("Delete scan 2 'B' from the server?")
        await screen.press("y")
        await screen.is_told("scan 2 'B' is deleted")
        with pytest.raises(UnknownScan):
            scan_client.scan_info(2)
        await screen.sees("2 done")
        await screen.press("c")
        await screen.sees("now 2?")
        await screen.press("y")
        await screen.sees("There are no scans")
        assert scan_client.scan_infos() == ()


async def test_a_file_is_submitted_and_a_wrong_one_is_explained(scan_server, scan_client, tmp_path):
    (tmp_path / "wrong.scn").write_text("<commands><dealy/></commands>")
    (tmp_path / "night.scn").write_text("<commands><comment><text>hi</text></comment></commands>")
    async with monitor(scan_server) as screen:
        await screen.sees("There are no scans")
        await screen.press("s")
        path = screen.app.screen.query_one("Input")
        path.value = str(tmp_path / "none.scn")
        await screen.press("enter")
        await screen.sees("cannot read", "No such file")
        path.value = str(tmp_path / "wrong.scn")
        await screen.press("enter")
        await screen.sees("unknown command")
        path.value = str(tmp_path / "ni")
        await screen.until(lambda: path._suggestion.endswith("night.scn"))
        await screen.press("end", "right", "enter")
        await screen.is_told("submitted as scan 1 'night'")
        await screen.sees("✓ Finished night")
    assert scan_client.scan_info(1).name == "night"


async def test_the_plot_and_the_table_grow_with_the_scan(scan_server, scan_client):
    running(scan_client, *EDGE)
    async with monitor(scan_server) as screen:
        await screen.sees("Plot: loc://count over motor_x, 5 points", "Data: last 5 rows")
        table = screen.app.query_one(SampleTable)
        assert table.line(4, 80).plain.split()[2:] == ["5", "3"]
        scan_client.next_command(1)
        running(scan_client, Loop("motor_y", 1, 3, 1, Log("motor_y")), name="Next")
        await screen.sees("2 'Next': Running", "Plot: motor_y over motor_y, 3 points")


async def test_axes_are_chosen_by_keys(scan_server, scan_client):
    scan_client.wait_until_done(scan_client.submit(EDGE, "Edge"))
    async with monitor(scan_server) as screen:
        await screen.sees("loc://count over motor_x")
        await screen.press("y", "k", "enter")
        await screen.sees("Plot: motor_x over motor_x")
        await screen.press("x", "j", "j", "enter")
        await screen.sees("Plot: motor_x over serial, 5 points")
        await screen.press("x", "j", "enter")
        await screen.sees("Plot: motor_x over time", "time in s")
        await screen.press("x", "j", "escape")
        await screen.sees("Plot: motor_x over time")


async def test_choosing_axes_where_nothing_is_logged_says_so(scan_server):
    async with monitor(scan_server) as screen:
        await screen.sees("There are no scans", "Nothing is logged yet")
        await screen.press("x")
        await screen.is_told("no numbers are logged yet")
        for key in ("p", "r", "n", "a", "d", "f", "left_square_bracket", "j", "end"):
            await screen.press(key)
        assert screen.app.selected is None


async def test_a_failed_scan_says_why_and_where(scan_server, scan_client):
    fails(
        scan_server, scan_client, scan_client.submit([Comment("hi"), Wait("motor_x", 60, timeout=1)], "Bad")
    )
    async with monitor(scan_server) as screen:
        await screen.sees("✗ Failed", "✗ command 1: Timeout while waiting for", "✗   1 Wait for 'motor_x'")


async def test_a_scan_that_fails_while_one_looks_is_told_of(scan_server, scan_client):
    running(scan_client, name="First")
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running")
        scan_id = scan_client.submit([Wait("motor_x", 60, timeout=1)], "Bad")
        await screen.sees("… Idle")
        fails(scan_server, scan_client, scan_id)
        await screen.is_told("scan 2 'Bad' has failed: Timeout while waiting for")


async def test_a_chosen_scan_stays_selected_until_one_follows_again(scan_server, scan_client):
    scan_client.wait_until_done(scan_client.submit(Comment("x"), "Done"))
    running(scan_client)
    async with monitor(scan_server) as screen:
        await screen.sees("2 'Long scan': Running")
        await screen.pilot.click(ScanList, offset=(10, 3))
        await screen.sees("1 'Done': Finished", "▸ 1 ")
        scan_client.next_command(2)
        running(scan_client, name="Third")
        await screen.sees("▶ Running  Third")
        assert screen.app.selected == 1
        await screen.press("f")
        await screen.sees("3 'Third': Running")


async def test_a_lost_server_is_shown_and_found_again(scan_server):
    with EmbeddedServer(clock="virtual") as server:
        port = server.port
        with ScanClient(url=server.url) as client:
            client.wait_until_done(client.submit(EDGE, "Before"))
        async with monitor(server) as screen:
            await screen.sees("● connected", "Before", "5 points")
            await asyncio.to_thread(server.stop)
            await screen.sees("✗ NOT CONNECTED", "Before")
            await screen.press("p")
            await screen.until(lambda: len(screen.toasts) > 0)
            with EmbeddedServer(clock="virtual", port=port) as other:
                with ScanClient(url=other.url) as client:
                    client.submit(Comment("x"), "After")
                await screen.sees("● connected", "1 'After': Finished", "Nothing is logged yet")


async def test_a_server_that_wants_a_token_says_what_to_do():
    with EmbeddedServer(token="secret") as server:  # of a test
        async with monitor(server) as screen:
            await screen.sees("NOT CONNECTED", "token")


async def test_quitting_leaves_scans_running_and_no_tasks(scan_server, scan_client):
    scan_id = running(scan_client)
    before = asyncio.all_tasks()
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running")
        await screen.press("q")
    assert asyncio.all_tasks() == before
    assert state(scan_client, scan_id) is ScanState.RUNNING


async def test_a_narrow_terminal_shows_one_panel_at_a_time(scan_server, scan_client):
    running(scan_client, *EDGE)
    async with monitor(scan_server, size=(80, 24)) as screen:
        await screen.sees("Plot: loc://count over motor_x", "▶ Running", "? Help")
        assert "Data:" not in screen.text
        await screen.press("3")
        await screen.sees("Data: last 5 rows")
        assert "Plot:" not in screen.text
        await screen.press("1")
        await screen.sees("Commands", "▶   3 Delay 3600.0 sec")
        await screen.pilot.resize_terminal(160, 48)
        await screen.sees("Commands", "Plot: loc://count", "Data: last 5")
        await screen.pilot.resize_terminal(50, 20)
        await screen.until(lambda: "Progress" not in screen.text)
        assert "▸ 1     ▶ Running" in screen.text
        await screen.pilot.resize_terminal(20, 6)
        await screen.pilot.pause()


async def test_help_says_what_keys_do_and_colours_change(scan_server):
    async with monitor(scan_server, size=(80, 24)) as screen:
        await screen.press("question_mark")
        await screen.sees("let a waiting scan begin earlier, later")
        await screen.press("q")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.app.current_theme.dark
        await screen.press("t")
        assert not screen.app.current_theme.dark


async def test_names_do_not_steer_the_terminal(scan_server, scan_client):
    running(scan_client, Comment("[bold]not markup[/]\nline"), name="[red]x[/]'")
    async with monitor(scan_server) as screen:
        await screen.sees("▶ Running  [red]x[/]'", "[bold]not markup[/] line")
        await screen.press("a")
        await screen.sees("Abort scan 1 '[red]x[/]")


async def test_text_between_numbers_leaves_the_plot_alone(scan_server, scan_client):
    texts = [Set("loc://t", "a"), Log("loc://t")]
    scan_client.wait_until_done(scan_client.submit(texts, "Texts"))
    async with monitor(scan_server) as screen:
        await screen.sees("Data: last 1 rows", "Nothing is logged yet")
        assert screen.app.query_one(Plot).axes is None


async def test_a_scan_that_others_delete_gives_way(scan_server, scan_client):
    scan_client.wait_until_done(scan_client.submit(Comment("x"), "Stays"))
    scan_client.wait_until_done(scan_client.submit([Wait("motor_x", 0)], "Goes"))
    async with monitor(scan_server) as screen:
        await screen.sees("2 'Goes': Finished")
        scan_client.delete(2)
        await screen.sees("1 'Stays': Finished")
        assert screen.app.query_one(CommandList).chosen is None

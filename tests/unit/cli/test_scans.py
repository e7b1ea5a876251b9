"""Scans on the command line: listed, shown, submitted, simulated, steered and removed."""

import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from scan_sdk import CommandSequence, Comment, Delay, If, Log, Loop, ScanInfo, Set, TimeLeft, Wait
from scan_sdk.cli.listing import table
from scan_sdk.cli.terminal import local, shown_duration
from scan_sdk.cli.watching import View
from scan_sdk.errors import ServerError

DOCUMENT = """\
<commands>
  <comment><text>Begin</text></comment>
  <loop><device>motor_x</device><start>1</start><end>2</end><step>1</step>
    <body><log><devices><device>motor_x</device></devices></log></body></loop>
</commands>
"""
FAILING = """\
<commands>
  <set><device>motor_x</device><value>1</value></set>
  <wait><device>motor_x</device><value>9</value><timeout>1</timeout></wait>
</commands>
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with command files, where the program runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.scn").write_text(DOCUMENT)
    (tmp_path / "failing.scn").write_text(FAILING)
    (tmp_path / "bad.scn").write_text("<commands>\n  <log/>\n</commands>")
    (tmp_path / "outer.scn").write_text(
        "<commands><include><scan_file>good.scn</scan_file></include></commands>"
    )
    return tmp_path


@pytest.fixture
def done(scan_client):
    """A scan that has finished."""
    scan_id = scan_client.submit([Comment("Hello"), Log("motor_x")], "Some scan")
    scan_client.wait_until_done(scan_id, timeout=20)
    return scan_id


@pytest.fixture
def running(scan_client):
    """A scan that runs until the device `loc://go` is 1, and two that wait behind it."""
    scan_id = scan_client.submit([Loop("loc://a(0)", 1, 2, 1, Wait("loc://go(0)", 1)), Delay(1)], "Runs")
    next(info for info in scan_client.watch(scan_id) if info.address == 1)
    for name in ("Second", "Third"):
        scan_client.submit(Comment(name), name)
    return scan_id


def states(scan_client):
    return {info.name: str(info.state) for info in scan_client.scan_infos()}


# -- the server ---------------------------------------------------------------------------------------------


def test_info_is_what_the_server_says_of_itself(scan_sdk, scan_server, scan_client):
    ran = scan_sdk("info")
    facts = dict(re.split(r"  +", line, maxsplit=1) for line in ran.out.splitlines())
    found = scan_client.server_info()
    assert (facts["server"], facts["version"]) == (scan_server.url, found.version)
    assert re.fullmatch(r"\d+ MiB of \d+ MiB \(\d+ %\)", facts["memory"])
    assert "macros" not in facts
    told = json.loads(scan_sdk("info", "--json").out)
    assert told["start_time"] == found.model_dump(mode="json")["start_time"]


def test_devices_are_those_of_the_server_or_of_a_scan(scan_sdk, done, scan_client):
    header, *rows = (line.split("\t") for line in scan_sdk("devices").out.splitlines())
    assert header == ["device", "PV", "status"]
    assert [row[0] for row in rows] == [device.alias for device in scan_client.scan_devices()]
    assert [row.split("\t")[0] for row in scan_sdk("devices", done).out.splitlines()[1:]] == ["motor_x"]
    assert json.loads(scan_sdk("devices", "last", "--json").out)[0]["alias"] == "motor_x"


# -- list ---------------------------------------------------------------------------------------------------


def test_scans_are_listed_as_lines_for_programs(scan_sdk, done, scan_client):
    header, row = (line.split("\t") for line in scan_sdk("list").out.splitlines())
    assert header == ["id", "name", "state", "progress", "runtime", "finish", "error"]
    assert row[:4] == [str(done), "Some scan", "Finished", "100"]
    info = scan_client.scan_info(done)
    assert row[5] == info.finish.astimezone().isoformat(timespec="seconds")


def test_scans_are_listed_as_one_array_of_models(scan_sdk, done, scan_client):
    told = json.loads(scan_sdk("list", "--json").out)
    assert [ScanInfo.model_validate(one) for one in told] == list(scan_client.scan_infos())


def test_a_server_without_scans_lists_none(scan_sdk):
    assert len(scan_sdk("list").out.splitlines()) == 1
    assert json.loads(scan_sdk("list", "--json").out) == []


def test_nobody_can_watch_a_list_in_a_pipe(scan_sdk):
    ran = scan_sdk("list", "--watch")
    assert (ran.code, ran.err) == (2, "scan-sdk: --watch needs a terminal, or --json\n")


# -- show ---------------------------------------------------------------------------------------------------


def test_a_scan_is_shown_with_its_commands_and_the_current_one_marked(scan_sdk, running):
    ran = scan_sdk("show", running)
    lines = ran.out.splitlines()
    assert lines[0] == f"Scan {running} 'Runs': Running"
    assert "progress 0 of 3 steps" in lines[1]
    assert lines[3:] == [
        "  0  Loop 'loc://a(0)' = 1.0 ... 2.0, step 1.0",
        "▶ 1    Wait for 'loc://go(0)' = 1.0 (+-0.1)",
        "  2  Delay 1.0 sec",
    ]


def test_a_failed_scan_is_shown_with_where_and_why(scan_sdk, folder):
    assert scan_sdk("submit", "failing.scn", "--wait").code == 30
    lines = scan_sdk("show", "last").out.splitlines()
    assert lines[0] == "Scan 1 'failing': Failed"
    assert lines[1].startswith("  Timeout while waiting for motor_x")
    assert lines[-1] == "✗ 1  Wait for 'motor_x' = 9.0 (+-0.1) (1.0 sec timeout)"
    told = json.loads(scan_sdk("show", "last", "--json").out)
    assert (told["scan"]["state"], told["address"]) == ("Failed", 1)
    assert [command["command"] for command in told["commands"]] == ["set", "wait"]


def test_commands_are_shown_as_a_file_has_them(scan_sdk, done, scan_client):
    assert scan_sdk("show", done, "--xml").out.strip() == scan_client.scan_commands(done).to_xml().strip()
    ran = scan_sdk("show", done, "--xml", "--json")
    assert ran.code == 2


def test_a_scan_whose_commands_are_gone_is_shown_without(scan_sdk, done, monkeypatch):
    def gone(self, scan_id):
        raise ServerError("no commands")

    monkeypatch.setattr("scan_sdk.ScanClient.scan_commands", gone)
    assert scan_sdk("show", done).out.splitlines()[-1] == "The server has its commands no more."
    assert json.loads(scan_sdk("show", done, "--json").out)["commands"] is None


def test_nothing_in_a_scan_steers_the_terminal(scan_sdk, scan_client):
    device = "loc://a\u202e(0)"
    scan_client.submit(
        [Comment("\u202e31m"), If(device, "=", 0, body=[Wait(device, 5, timeout=1)])], "\u202e5m"
    )
    for command in (["watch", "last"], ["list"], ["show", "last"], ["pause", "last"], ["abort", "last"]):
        ran = scan_sdk(*command)
        assert "\u202e" not in ran.out + ran.err


@pytest.mark.parametrize("command", ["show", "watch", "pause", "data", "delete"])
def test_a_scan_that_is_not_there_has_a_code_of_its_own(scan_sdk, command):
    ran = scan_sdk(command, 77)
    assert ran.code == 7
    assert "the server knows no scan 77" in ran.err


@pytest.mark.parametrize("wrong", ["x", "1.5", "²"])
def test_what_is_no_number_of_a_scan_is_wrong_use(scan_sdk, wrong):
    ran = scan_sdk("show", wrong)
    assert ran.code == 2
    assert f"'{wrong}' is no number of a scan; last is the most recent one" in ran.err


# -- submit -------------------------------------------------------------------------------------------------


def test_a_file_is_submitted_under_its_name_and_its_number_printed(scan_sdk, folder, scan_client):
    ran = scan_sdk("submit", "good.scn")
    assert (ran.code, ran.out, ran.err) == (0, "1\n", "")
    assert scan_client.scan_info(1).name == "good"
    assert len(scan_client.scan_commands(1)) == 2


def test_options_go_with_the_scan(scan_sdk, folder, running, scan_client):
    ran = scan_sdk(
        "submit", "good.scn", "--name", "Beside", "--no-queue", "--no-pre-post", "--wait", "--json"
    )
    assert ran.code == 0
    assert json.loads(ran.out)["state"] == "Finished"
    assert states(scan_client)["Runs"] == "Running"
    ran = scan_sdk("submit", "good.scn", "--timeout", "-1")
    assert ran.code == 2
    assert "see --name, --timeout and --deadline" in ran.err
    assert scan_sdk("submit", "good.scn", "--deadline", "soon").code == 2


def test_commands_come_from_the_standard_input(scan_sdk, scan_client, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DOCUMENT.encode())))
    told = json.loads(scan_sdk("submit", "-", "--json").out)
    assert (told["id"], told["name"]) == (1, "UnNamed")


def test_waiting_ends_as_the_scan_does(scan_sdk, folder, scan_client):
    ran = scan_sdk("submit", "good.scn", "--wait")
    assert (ran.code, ran.out, ran.err) == (0, "1\n", "Scan 1 'good': Finished\n")
    ran = scan_sdk("submit", "failing.scn", "--wait")
    assert (ran.code, ran.out) == (30, "2\n")
    assert ran.err.startswith("scan-sdk: scan 2 'failing' Failed: failing.scn:3:3: Timeout while waiting")


def test_following_shows_how_it_goes_besides_the_number(scan_sdk, folder):
    ran = scan_sdk("submit", "good.scn", "--follow")
    assert (ran.code, ran.out) == (0, "1\n")
    assert ran.err.splitlines()[-1].endswith("Scan 1 'good': Finished")
    lines = scan_sdk("submit", "good.scn", "--follow", "--json").out.splitlines()
    assert json.loads(lines[-1])["state"] == "Finished"


def test_what_cannot_be_read_is_not_submitted(scan_sdk, folder, scan_client):
    assert scan_sdk("submit", "none.scn")[::2] == (
        21,
        "scan-sdk: cannot read none.scn: No such file or directory\n",
    )
    assert scan_sdk("submit", ".").code == 21
    ran = scan_sdk("submit", "bad.scn")
    assert ran.code == 21
    assert ran.err.startswith("scan-sdk: bad.scn:2:3: ")
    assert scan_client.scan_infos() == ()


def test_what_the_server_refuses_has_a_code_of_its_own(scan_sdk, folder):
    (folder / "missing.scn").write_text(
        "<commands><include><scan_file>nowhere.scn</scan_file></include></commands>"
    )
    ran = scan_sdk("submit", "missing.scn")
    assert ran.code == 11
    assert "nowhere.scn" in ran.err


# -- simulate -----------------------------------------------------------------------------------------------


def test_a_scan_is_simulated_without_a_server(scan_sdk, folder, monkeypatch):
    monkeypatch.setenv("SCAN_SDK_URL", "http://127.0.0.1:9")
    ran = scan_sdk("simulate", "good.scn")
    assert (ran.code, ran.err) == (0, "")
    assert "Log 'motor_x'" in ran.out
    assert ran.out.splitlines()[-1].endswith("Total estimated execution time")
    assert json.loads(scan_sdk("simulate", "good.scn", "--json").out)["seconds"] > 0


def test_a_simulation_without_a_server_says_what_the_server_says(scan_sdk, folder, scan_client):
    (folder / "plain.scn").write_text("<commands><delay><seconds>2</seconds></delay></commands>")
    here = scan_sdk("simulate", "plain.scn")
    there = scan_sdk("simulate", "plain.scn", "--on-server")
    assert here == there
    assert "00:00:02   Total estimated" in here.out


def test_a_simulation_knows_the_configuration_and_included_files(scan_sdk, folder):
    (folder / "scan_config.xml").write_text(
        "<scan_config><pv><name>loc://x(0)</name><alias>motor_x</alias><slew_rate>0.1</slew_rate></pv></scan_config>"
    )
    slow = json.loads(scan_sdk("simulate", "outer.scn", "--config", "scan_config.xml", "--json").out)
    assert slow["seconds"] == pytest.approx(11, abs=1)  # the one step by 1 takes 10 s
    assert "Log 'motor_x'" in slow["log"]


def test_what_a_simulation_lacks_is_said(scan_sdk, folder, scan_server):
    (folder / "good.scn").unlink()
    ran = scan_sdk("simulate", "outer.scn")
    assert ran.code == 21
    assert "there is no such file to include in ." in ran.err
    assert scan_sdk("simulate", "outer.scn", "--config", "none.xml").code == 3
    (folder / "bad.xml").write_text("<scan_config><port>x</port></scan_config>")
    assert scan_sdk("simulate", "outer.scn", "--config", "bad.xml").code == 3
    assert scan_sdk("simulate", "outer.scn", "--config", "bad.xml", "--url", scan_server.url).code == 2
    (folder / "good.scn").write_text(
        "<commands><include><scan_file>good.scn</scan_file></include></commands>"
    )
    assert scan_sdk("simulate", "good.scn").code == 21


def test_a_simulation_looks_for_files_beside_the_configuration_and_nowhere_else(scan_sdk, folder):
    (folder / "site" / "lib").mkdir(parents=True)
    (folder / "site" / "scan_config.xml").write_text("<scan_config><path>lib</path></scan_config>")
    (folder / "good.scn").rename(folder / "site" / "lib" / "good.scn")
    ran = scan_sdk("simulate", "outer.scn", "--config", "site/scan_config.xml")
    assert (ran.code, ran.err) == (0, "")
    assert "Log 'motor_x'" in ran.out
    (folder / "site" / "good.scn").write_text("<commands/>")
    (folder / "site" / "out.scn").write_text(
        "<commands><include><scan_file>../outer.scn</scan_file></include></commands>"
    )
    assert scan_sdk("simulate", "site/out.scn").code == 21


@pytest.mark.parametrize("suffix", ["json", "yaml", "py"])
def test_commands_in_any_format_are_submitted_and_simulated(scan_sdk, folder, scan_client, suffix):
    assert scan_sdk("convert", "good.scn", "-o", f"good.{suffix}").code == 0
    assert scan_sdk("simulate", f"good.{suffix}") == scan_sdk("simulate", "good.scn")
    ran = scan_sdk("submit", f"good.{suffix}", "--wait")
    assert ran.code == 0
    assert list(scan_client.scan_commands(int(ran.out))) == list(
        CommandSequence.from_xml(folder / "good.scn")
    )


def test_a_table_is_not_taken_for_commands(scan_sdk, folder):
    (folder / "night.csv").write_text("motor_x\n1\n")
    for command in ("submit", "simulate", "check"):
        ran = scan_sdk(command, "night.csv")
        assert ran.code in {20, 21}
        assert "TableScan" in ran.out + ran.err


def test_a_simulation_that_ends_with_an_error_has_a_code_of_its_own(scan_sdk, folder):
    (folder / "c.xml").write_text(
        "<scan_config><pv><name>x</name><alias>motor_x</alias>"
        "<minimum>loc://low(5)</minimum><maximum>loc://high(6)</maximum></pv></scan_config>"
    )
    ran = scan_sdk("simulate", "good.scn", "--config", "c.xml")
    assert ran.code == 11
    assert "ERROR: " in ran.out


# -- steering -----------------------------------------------------------------------------------------------


def test_a_scan_is_paused_resumed_and_sent_on(scan_sdk, running, scan_client):
    ran = scan_sdk("pause", running)
    assert (ran.code, ran.out) == (0, f"Scan {running} 'Runs': Paused, 0 % done\n")
    assert json.loads(scan_sdk("resume", running, "--json").out)[0]["state"] == "Running"
    ran = scan_sdk("resume", running)
    assert (ran.code, ran.err) == (
        12,
        f"scan-sdk: scan {running} is Running: only a paused scan can be resumed\n",
    )
    assert scan_sdk("next", running).code == 0
    assert scan_sdk("pause", "--all").out.splitlines()[-1].startswith("Scan 1 'Runs': Paused")
    assert scan_sdk("resume", "--all").code == 0
    assert scan_sdk("next", "--all").code == 0


@pytest.mark.parametrize("command", ["pause", "resume", "next", "abort"])
def test_one_scan_or_all_are_steered(scan_sdk, command):
    assert scan_sdk(command)[::2] == (2, "scan-sdk: give the ID of a scan, or --all\n")
    assert scan_sdk(command, 1, "--all")[::2] == (
        2,
        "scan-sdk: give the ID of a scan, or --all, not both\n",
    )
    assert scan_sdk(command, "--all", "--yes" if command == "abort" else "--json").code == 0


def test_a_running_scan_is_not_aborted_unasked(scan_sdk, running, scan_client, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ran = scan_sdk("abort", running)
    assert ran.code == 15
    assert ran.err == (
        f"scan-sdk: Abort scan {running} 'Runs', which is Running, 0 % done? "
        "There is no terminal to ask at: say --yes if so\n"
    )
    assert scan_sdk("abort", "--all")[::2] == (
        15,
        "scan-sdk: Abort all 3 scans that run or wait? There is no terminal to ask at: say --yes if so\n",
    )
    assert states(scan_client)["Runs"] == "Running"
    assert scan_sdk("abort", "last", "--yes").out == "Scan 3 'Third': Aborted\n"
    assert scan_sdk("abort", running, "-y").code == 0
    scan_client.submit(Wait("loc://go2(0)", 1), "More")
    assert scan_sdk("abort", "--all", "-y").code == 0
    assert states(scan_client)["More"] == "Aborted"


def test_to_abort_what_is_done_is_no_error_and_nothing_is_asked(scan_sdk, done):
    ran = scan_sdk("abort", done)
    assert (ran.code, ran.out) == (0, f"Scan {done} 'Some scan': Finished\n")
    assert ran.err == "nothing to abort: it is done already\n"
    assert scan_sdk("abort", "--all").err == "nothing to do: all scans are done\n"


@pytest.mark.parametrize(
    ("where", "order"),
    [
        (["last", "--first"], ["Third", "Second"]),
        ([2, "--last"], ["Third", "Second"]),
        ([3, "--earlier", 1], ["Third", "Second"]),
        ([2, "--later", 1], ["Third", "Second"]),
        ([2, "--first"], ["Second", "Third"]),
        ([3, "--last"], ["Second", "Third"]),
    ],
)
def test_a_waiting_scan_is_moved(scan_sdk, running, scan_client, where, order):
    ran = scan_sdk("move", *where)
    assert (ran.code, ran.err) == (0, "")
    waiting = [info.name for info in scan_client.scan_infos() if info.state == "Idle"]
    assert waiting[::-1] == order


def test_a_move_says_where_to_and_is_refused_where_it_cannot_be(scan_sdk, running):
    for wrong in ([], ["--first", "--later", "2"]):
        assert scan_sdk("move", 2, *wrong).code == 2
    assert scan_sdk("move", running, "--first").code == 12
    assert scan_sdk("move", 3, "--later", 5).code == 12


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ((3, "seconds", "2.5"), Delay(2.5)),
        ((4, "value", "5"), Set("motor_x", 5)),
        ((4, "value", "--text", "5"), Set("motor_x", "5")),
        ((4, "value", "Open"), Set("motor_x", "Open")),
        ((4, "wait", "false"), Set("motor_x", 1, wait=False)),
        ((4, "value", "--", "-5"), Set("motor_x", -5)),
        ((5, "comparison", ">="), Wait("motor_x", 1, ">=")),
        ((5, "comparison", "AT_LEAST"), Wait("motor_x", 1, ">=")),
    ],
)
def test_a_command_is_changed_before_it_is_performed(scan_sdk, scan_client, arguments, changed):
    commands = [Loop("loc://a(0)", 1, 2, 1, [Wait("loc://go(0)", 1), Comment("x")])]
    scan_id = scan_client.submit([*commands, Delay(1), Set("motor_x", 1), Wait("motor_x", 1)], "Runs")
    next(info for info in scan_client.watch(scan_id) if info.address == 1)
    ran = scan_sdk("patch", scan_id, *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert dict(scan_client.scan_commands(scan_id).walk())[arguments[0]] == changed


def test_a_change_that_cannot_be_made_is_told_with_what_can(scan_sdk, running):
    ran = scan_sdk("patch", running, 2, "colour", "red")
    assert ran.code == 12
    assert "Delay has no property 'colour'; it has seconds" in ran.err
    assert scan_sdk("patch", running, 0, "comparison", "about").code == 12
    assert scan_sdk("patch", running, 0, "", "1").code == 2


# -- removing -----------------------------------------------------------------------------------------------


def test_scans_are_removed_once_that_is_confirmed(scan_sdk, done, scan_client, monkeypatch):
    other = scan_client.submit(Comment("more"), "Other")
    scan_client.wait_until_done(other, timeout=20)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ran = scan_sdk("delete", done, other)
    assert ran.code == 15
    assert "Remove scans 1 'Some scan', 2 'Other' and their data?" in ran.err
    assert "all 2 scans that are done" in scan_sdk("clear").err
    assert len(scan_client.scan_infos()) == 2
    assert scan_sdk("delete", "last", "--yes").err == "scan 2 'Other' is removed\n"
    assert "Remove scan 1 'Some scan' and its data?" in scan_sdk("delete", 1).err
    assert "Remove the scan that is done" in scan_sdk("clear").err
    assert scan_sdk("clear", "--yes").err == "1 scan is removed\n"
    assert scan_client.scan_infos() == ()
    assert scan_sdk("clear").err == "nothing to remove: no scans are done\n"


def test_a_scan_that_runs_is_not_removed(scan_sdk, running):
    ran = scan_sdk("delete", running, "--yes")
    assert (ran.code, ran.err) == (12, f"scan-sdk: scan {running} is Running: abort it first\n")


# -- how things look ----------------------------------------------------------------------------------------


def test_times_have_a_date_where_that_is_not_todays(scan_client, done):
    created = scan_client.scan_info(done).created
    here = created.astimezone()
    assert local(created, now=here) == f"{here:%H:%M:%S}"
    assert local(created, now=here.replace(year=here.year + 1)) == f"{here:%Y-%m-%d %H:%M:%S}"
    assert local(None) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0:00:00"), (59.6, "0:01:00"), (90061, "1 d 1:01:01"), (-3, "0:00:00")]
)
def test_durations_are_short(seconds, shown):
    assert shown_duration(timedelta(seconds=seconds)) == shown


def rendered(what, width):
    """Return what rich makes of something, as lines."""
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(what)
    return console.file.getvalue().splitlines()


def an_info(**changes):
    now = datetime.now(UTC)
    values = {"id": 7, "name": "Night", "created": now, "state": "Running", "address": 2, "command": "Delay"}
    values |= {"total_work_units": 4, "performed_work_units": 1, "runtime": timedelta(seconds=61)}
    return ScanInfo.model_validate(values | {"finish": now + timedelta(seconds=90.4)} | changes)


def test_a_table_is_no_wider_than_the_terminal_and_has_no_more_rows_than_fit():
    failed = an_info(id=8, state="Failed", name="N" * 99, error="E" * 200)
    lines = rendered(table([failed, *[an_info()] * 9], {}, width=80, most=3), 80)
    assert max(map(len, lines)) <= 80
    assert "8   NNN" in lines[2]
    assert lines[2].rstrip().endswith("E…")
    assert "%" not in lines[2]  # the server calls all done then
    assert "25 %   0:01:01" in lines[3]
    assert lines[-1].strip() == "7 more; --all shows all"
    assert rendered(table([failed], {}, width=80, most=3, caption="away"), 80)[-1].strip() == "away"


def test_when_a_scan_of_a_table_ends_is_not_by_the_servers_count():
    info, left = an_info(), a_time_left(86400 * 3)
    assert (
        f"{left.finish.astimezone():%Y-%m-%d %H:%M:%S}"
        in rendered(table([info], {7: left}, width=99, most=3), 99)[2]
    )
    ended = an_info(state="Finished")
    assert (
        f"{ended.finish.astimezone():%H:%M:%S}"
        in rendered(table([ended], {7: left}, width=99, most=3), 99)[2]
    )


def a_time_left(seconds, **changes):
    left = timedelta(seconds=seconds)
    values = {"scan_id": 7, "state": "Running", "basis": "measured", "left": left}
    return TimeLeft.model_validate(values | {"finish": datetime.now(UTC) + left} | changes)


def test_the_view_of_a_scan_has_a_bar_times_and_what_it_does():
    view = View()
    assert rendered(view.render(), 90) == ["..."]
    view.take(an_info(), a_time_left(30.4))
    title, bar, current = rendered(view.render(), 90)
    assert title == "Scan 7 'Night': Running"
    # The server's own count would say 90 s
    assert re.search(r"━\S* +25 % +0:01:01 so far, 0:00:30 left, until \d\d:\d\d:\d\d", bar)
    assert current.split() == ["2", "Delay"]
    view.take(an_info(state="Paused"), a_time_left(30.4))
    assert rendered(view.render(), 90)[1].rstrip().endswith("0:01:01 so far, 0:00:30 left once it goes on")
    view.take(an_info(), a_time_left(-1))
    assert rendered(view.render(), 90)[1].rstrip().endswith("0:01:01 so far, longer than estimated")
    for unknown in (None, a_time_left(1, left=None, finish=None, basis="unknown")):
        view.take(an_info(state="Idle", address=-1, command="", finish=None), unknown)
        assert rendered(view.render(), 90)[1].rstrip().endswith("0:01:01 so far")
    view.take(an_info(state="Finished"))
    assert rendered(view.render(), 90) == ["Scan 7 'Night': Finished after 0:01:01"]

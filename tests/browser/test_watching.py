"""Watching scans: the list, the selected scan, its commands, plot and data, all without a reload."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_sdk import (
    Comment,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    ScanClient,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.server import EmbeddedServer

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright comes with scan_sdk[browser]")
expect = sync_api.expect
pytestmark = pytest.mark.browser


def row(page, scan_id):
    return page.locator(f"#scans-body tr[data-id='{scan_id}']")


GATE = Wait("setpoint", 1)
"""Where a scan stays until it is told to go on."""


def steps(count):
    return Loop("motor_x", 0, count - 1, 1, [Set("neutrons", 0), Log("motor_x", "neutrons")])


def test_scans_appear_progress_and_end_without_a_reload(page, client):
    expect(page.locator("#connection")).to_have_text("connected")
    expect(page.locator("#scans-none")).to_contain_text("no scans yet")
    page.evaluate("window.sameDocument = true")
    scan_id = client.submit([GATE, steps(5), GATE], "Walk")
    expect(row(page, scan_id)).to_contain_text("Walk")
    expect(row(page, scan_id)).to_contain_text("Running")
    expect(row(page, scan_id).locator(".percent")).to_have_text("0 %")
    client.next_command(scan_id)
    expect(row(page, scan_id).locator(".percent")).to_have_text("91 %")
    expect(row(page, scan_id)).to_contain_text("left")
    client.next_command(scan_id)
    expect(row(page, scan_id)).to_contain_text("Finished")
    expect(row(page, scan_id).locator("progress")).to_have_attribute("value", "100")
    expect(page.locator("#status")).to_contain_text(f"Scan {scan_id} ended: Finished")
    assert page.evaluate("window.sameDocument") is True


def test_the_newest_scan_is_on_top(open_page, server, client):
    ids = [client.submit([Comment("a")], name) for name in ("first", "second", "third")]
    page = open_page(server)
    expect(page.locator("#scans-body .name")).to_have_text(["third", "second", "first"])
    assert ids == sorted(ids)


def test_the_head_tells_of_the_server(page, server):
    expect(page.locator("#server-name")).to_have_text(f"127.0.0.1:{server.port}")
    expect(page.locator("#server-version")).to_have_text(re.compile(r"\d+\.\d+"))
    expect(page.locator("#server-uptime")).to_have_text(re.compile(r"\d+:\d\d"))
    expect(page.locator("#server-config")).to_have_text("demo")


def test_a_failed_scan_shows_its_error_in_full(open_page, server, client):
    scan_id = client.submit([Set("setpoint", "abc")], "Bad")
    page = open_page(server)
    expect(row(page, scan_id)).to_contain_text("Failed to write abc")
    row(page, scan_id).click()
    expect(page.locator("#detail-error")).to_have_text("Failed to write abc to loc://setpoint(0)")


def test_the_filter_leaves_what_matches(open_page, server, client):
    client.submit([Comment("a")], "alignment")
    client.submit([Delay(60)], "raster")
    page = open_page(server)
    expect(page.locator("#scans-body tr")).to_have_count(2)
    page.fill("#filter", "RASTER run")
    expect(page.locator("#scans-body .name")).to_have_text(["raster"])
    page.fill("#filter", "nothing like it")
    expect(page.locator("#scans-none")).to_have_text("No scan matches the filter.")
    page.fill("#filter", "")
    expect(page.locator("#scans-body tr")).to_have_count(2)


def test_the_selection_is_in_the_address_and_survives_a_reload(open_page, server, client):
    ids = [client.submit([Comment(name)], name) for name in ("one", "two", "three")]
    page = open_page(server)
    row(page, ids[1]).click()
    expect(page).to_have_url(re.compile(f"#scan={ids[1]}$"))
    page.reload()
    expect(page.locator("#detail-name")).to_have_text("two")
    expect(row(page, ids[1])).to_have_attribute("aria-selected", "true")
    page.evaluate(f"location.hash = 'scan={ids[2]}'")
    expect(page.locator("#detail-name")).to_have_text("three")


def test_a_shared_link_to_a_scan_that_is_gone_says_so(open_page, server):
    page = open_page(server, "#scan=42")
    expect(page.locator("#detail-nothing")).to_have_text("This server has no scan 42.")


COMMANDS = [
    Comment("begin"),
    Set("motor_x", 10, completion=True, wait=False, timeout=5),
    Loop("motor_y", 0, 2, 0.5, [Log("motor_x", "motor_y"), Set("text", "abc", wait=False)], wait=False),
    Parallel([Delay(0.1), Sequence([Comment("inner")])], timeout=7),
    If("motor_x", ">=", 1, [Log("text")], error_handler="OnErrorContinue"),
    Include("prepare.scn", "a=b"),
    Wait("motor_x", 10, tolerance=0.5, timeout=3),
]
WORDS = [
    "0 # begin",
    "1 Set motor_x = 10, with completion, at most 5 s",
    "2 Loop motor_y = 0 … 2, step 0.5",
    "3 Log motor_x, motor_y",
    '4 Set text = "abc"',
    "5 Parallel at most 7 s",
    "6 Delay 0.1 s",
    "7 Sequence",
    "8 # inner",
    "9 If motor_x ≥ 1",
    "10 Log text",
    "11 Include prepare.scn, a=b",
    "12 Wait for motor_x = 10 ± 0.5, at most 3 s",
]


def test_commands_are_a_tree_with_addresses_in_words(page, server):
    # The server would want the file that is included, so the page is given the document alone
    from scan_sdk._wire.commands import write_commands

    shown = page.evaluate(
        """async (text) => {
            const { CommandTree } = await import("/page/commands.js");
            const tree = new CommandTree();
            document.getElementById("detail-scan").hidden = false;
            tree.show(text, "");
            return tree.lines.map((line) => [...line.children].map((part) => part.textContent));
        }""",
        write_commands(COMMANDS),
    )
    assert [f"{line[0]} {line[1].strip()}" for line in shown] == WORDS
    assert [line[2] for line in shown if len(line) > 2] == ["on error: OnErrorContinue"]
    depths = page.evaluate(
        "[...document.querySelectorAll('#commands .line')].map((e) => {"
        "let n = 0; while ((e = e.parentElement.closest('ol')) !== null) n += 1; return n - 1; })"
    )
    assert depths == [0, 0, 0, 1, 1, 0, 1, 1, 2, 0, 1, 0, 0]


def test_the_current_command_is_marked_and_the_mark_moves(open_page, server, client):
    scan_id = client.submit(
        [Comment("a"), Wait("setpoint", 1), Loop("motor_x", 0, 1, 1, [Wait("readback", 1)])]
    )
    page = open_page(server)
    current = page.locator("#commands [aria-current=step]")
    expect(current).to_contain_text("Wait for setpoint = 1")
    expect(page.locator("#detail-address")).to_have_text("1")
    client.next_command(scan_id)
    expect(current).to_contain_text("Wait for readback = 1")
    expect(current.locator(".address")).to_have_text("3")
    expect(current).to_have_count(1)
    client.abort(scan_id)
    expect(current).to_have_count(0)


def test_the_current_command_is_scrolled_into_view_unless_not_wanted(open_page, server, client):
    scan_id = client.submit(
        [*[Comment(f"line {n}") for n in range(80)], Wait("setpoint", 1), Wait("readback", 1)]
    )
    page = open_page(server)
    current = page.locator("#commands [aria-current=step]")
    expect(current).to_contain_text("Wait for setpoint")
    expect(current).to_be_in_viewport()
    page.uncheck("#follow")
    page.evaluate("document.getElementById('commands').scrollTop = 0")
    client.next_command(scan_id)
    expect(current).to_contain_text("Wait for readback")
    expect(current).not_to_be_in_viewport()


def wait_for_paint(page, style):
    """Wait until the plot has pixels of the colour of a curve."""
    page.wait_for_function(
        """(variable) => {
            const canvas = document.getElementById("plot");
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.fillStyle = getComputedStyle(canvas).getPropertyValue(variable).trim();
            context.fillRect(0, 0, 1, 1);
            const wanted = context.getImageData(0, 0, 1, 1).data;
            context.clearRect(0, 0, 1, 1);
            context.drawImage(canvas, 0, 0);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            let found = 0;
            for (let at = 0; at < data.length; at += 4) {
                found += [0, 1, 2, 3].every((part) => Math.abs(data[at + part] - wanted[part]) < 24) ? 1 : 0;
            }
            return found > 50;
        }""",
        arg=f"--curve-{style}",
    )


def test_the_plot_grows_with_the_data_and_is_told_in_words(open_page, server, client):
    scan_id = client.submit([steps(10), GATE, steps(15)])
    page = open_page(server)
    canvas = page.locator("#plot")
    expect(canvas).to_have_attribute("aria-label", "Plot of neutrons over motor_x")
    expect(page.locator("#plot-summary")).to_contain_text("neutrons: 10 points, always 0.")
    client.next_command(scan_id)
    expect(canvas).to_have_attribute("data-points", "25")
    wait_for_paint(page, 1)
    expect(page.locator("#plot-nothing")).to_be_hidden()


def test_axes_can_be_chosen_and_the_choice_stays_while_data_come(open_page, server, client):
    scan_id = client.submit([steps(10), GATE, steps(50)])
    page = open_page(server)
    expect(page.locator("#plot-ys label")).to_have_text(["motor_x", "neutrons"])
    page.select_option("#plot-x", "time")
    page.get_by_role("checkbox", name="motor_x").check()
    canvas = page.locator("#plot")
    expect(canvas).to_have_attribute("aria-label", "Plot of motor_x, neutrons over time")
    expect(canvas).to_have_attribute("data-points", "20")
    client.next_command(scan_id)
    expect(canvas).to_have_attribute("data-points", "120")
    expect(canvas).to_have_attribute("aria-label", "Plot of motor_x, neutrons over time")
    expect(page.locator("#plot-summary")).to_contain_text("motor_x: 60 points, 0 to 49")
    wait_for_paint(page, 0)
    wait_for_paint(page, 1)
    page.get_by_role("checkbox", name="motor_x").uncheck()
    page.get_by_role("checkbox", name="neutrons").uncheck()
    expect(page.locator("#plot-nothing")).to_be_visible()


def test_the_plot_is_drawn_anew_for_another_size_and_scheme(open_page, server, client):
    client.submit([steps(5)])
    page = open_page(server)
    expect(page.locator("#plot")).to_have_attribute("data-points", "5")
    width = page.evaluate("document.getElementById('plot').width")
    page.set_viewport_size({"width": 1600, "height": 900})
    page.wait_for_function("(width) => document.getElementById('plot').width > width", arg=width)
    light = page.evaluate("getComputedStyle(document.getElementById('plot')).getPropertyValue('--curve-1')")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.getElementById('plot')).getPropertyValue('--curve-1')")
    assert light != dark
    wait_for_paint(page, 1)


def test_the_point_at_the_pointer_is_read_out(open_page, server, client):
    client.submit([Loop("setpoint", 5, 9, 1, [Log("setpoint")])])
    page = open_page(server)
    expect(page.locator("#plot")).to_have_attribute("data-points", "5")
    box = page.locator("#plot").bounding_box()
    readout = page.locator("#plot-readout")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + (box["height"] - 14) / 2)
    expect(readout).to_have_text("serial 2, setpoint 7")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
    expect(readout).to_be_hidden()


def test_a_scan_of_another_day_shows_its_date_alone_in_the_list(open_page, server, client):
    client.wait_until_done(client.submit([Comment("a")]))
    page = open_page.blank()
    page.clock.install(time=datetime.now(UTC) + timedelta(days=3))
    page.goto(server.url)
    expect(page.locator("#scans-body td").last).to_have_text(re.compile(r"\d:\d\d\d{4}-\d\d-\d\d$"))
    expect(page.locator("#detail-finish")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"))


def test_data_are_a_table_aligned_by_serial_the_newest_first(open_page, server, client):
    client.submit(
        [
            Set("setpoint", 1),
            Set("text", "007"),
            Log("setpoint"),
            Log("text"),
            Set("setpoint", 2.5),
            Log("setpoint"),
        ]
    )
    page = open_page(server)
    rows = page.locator("#samples-body tr")
    expect(rows).to_have_count(3)
    expect(page.locator("#samples-head th")).to_have_text(["serial", "time", "setpoint", "text"])
    cells = [
        [cell for place, cell in enumerate(row.split("\t")) if place != 1] for row in rows.all_inner_texts()
    ]
    assert cells == [["2", "2.5", "007"], ["1", "1", "007"], ["0", "1", ""]]
    expect(page.locator("#plot-ys label")).to_have_text(
        ["setpoint"]
    )  # a text that looks like a number is none


def test_the_table_shows_the_newest_rows_and_all_when_asked(open_page, server, client):
    client.submit([steps(350)])
    page = open_page(server)
    expect(page.locator("#samples-note")).to_have_text("newest 200 of 350")
    expect(page.locator("#samples-body tr")).to_have_count(200)
    expect(page.locator("#samples-body tr").first).to_contain_text("349")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#samples-body tr")).to_have_count(350)
    page.get_by_role("button", name="Show 200").click()
    expect(page.locator("#samples-body tr")).to_have_count(200)


def test_rows_are_added_to_the_table_as_they_are_logged(open_page, server, client):
    scan_id = client.submit([steps(10), GATE, steps(5), GATE])
    page = open_page(server)
    rows = page.locator("#samples-body tr")
    expect(rows).to_have_count(10)
    page.evaluate("document.querySelector('#samples-body').lastElementChild.id = 'kept'")
    client.next_command(scan_id)
    expect(rows).to_have_count(15)
    expect(page.locator("#kept")).to_have_count(1)
    expect(rows.locator("th")).to_have_text([str(serial) for serial in reversed(range(15))])


def test_data_can_be_taken_away_as_csv(open_page, server, client):
    client.submit([Set("text", 'a "b", c'), Set("setpoint", 1.5), Log("setpoint", "text")], "To take/away")
    page = open_page(server)
    with page.expect_download() as waiting:
        page.locator("#download-data:enabled").click()
    assert waiting.value.suggested_filename == "scan-1-To_take_away.csv"
    lines = list(csv.reader(Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()))
    assert lines[0] == ["serial", "time", "setpoint", "text"]
    assert lines[1][0] == "0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[1][1])
    assert lines[1][2:] == ["1.5", 'a "b", c']


def test_commands_can_be_taken_away_as_xml(open_page, server, client):
    scan_id = client.submit(COMMANDS[:4], "Commands")
    page = open_page(server)
    expect(page.locator("#commands .line")).to_have_count(9)
    with page.expect_download() as waiting:
        page.click("#download-commands")
    assert waiting.value.suggested_filename == "scan-1-Commands.scn"
    again = client.submit(Path(waiting.value.path()), "Again")
    assert client.scan_commands(again) == client.scan_commands(scan_id)


def test_names_and_values_of_the_server_stay_text(open_page, server, client, faults):
    hostile = '<img src="x" onerror="window.caught = true"><script>window.caught = true</script>'
    scan_id = client.submit(
        [Comment(hostile), Set("text", hostile), Log("text"), Wait("text", hostile + "no")], hostile
    )
    page = open_page(server)
    expect(row(page, scan_id).locator(".name")).to_have_text(hostile)
    row(page, scan_id).click()
    expect(page.locator("#detail-name")).to_have_text(hostile)
    expect(page.locator("#commands .line").first).to_contain_text(hostile)
    expect(page.locator("#samples-body td").nth(1)).to_have_text(hostile)
    page.keyboard.press("a")
    expect(page.locator("#confirm-consequence")).to_contain_text(hostile)
    page.click("#confirm-yes")
    expect(page.locator("#detail-state")).to_have_text("Aborted")
    assert page.evaluate("window.caught") is None
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert faults.found == []


def test_the_page_says_that_the_server_is_gone_and_goes_on_when_it_is_back(open_page, faults):
    faults.allow("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE")
    with EmbeddedServer() as first:
        page = open_page(first)
        with ScanClient(url=first.url) as client:
            client.submit([Comment("a")], "before")
        expect(page.locator("#scans-body .name")).to_have_text(["before"])
        port = first.port
    expect(page.locator("#banner-lost")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("not reachable")
    expect(page.locator("#scans-body .name")).to_have_text(["before"])
    with EmbeddedServer(port=port) as second, ScanClient(url=second.url) as client:
        client.submit([Set("setpoint", 3), Log("setpoint")], "after")
        expect(page.locator("#scans-body .name")).to_have_text(["after"], timeout=15_000)
        expect(page.locator("#banner-lost")).to_be_hidden()
        expect(page.locator("#samples-body tr")).to_have_count(1)  # the same id, but another scan


def test_the_titles_of_tabs_tell_of_the_selected_scan(open_page, server, client):
    scan_id = client.submit([GATE], "Waiting")
    page = open_page(server)
    expect(page).to_have_title("Running 0 % · Waiting · Scan server")
    client.abort(scan_id)
    expect(page).to_have_title("Aborted · Waiting · Scan server")

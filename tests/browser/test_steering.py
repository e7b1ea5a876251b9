"""Steering scans and submitting them: what is done on the page is so on the server."""

from __future__ import annotations

import pytest

from scan_sdk import Comment, Log, ScanState, Set, Wait

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="pip install 'scan_sdk[browser]' brings playwright"
)
expect = sync_api.expect
pytestmark = pytest.mark.browser

GATE = Wait("setpoint", 1)
GOOD = "<commands><set><device>setpoint</device><value>4</value></set></commands>"


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def state(client, scan_id):
    return client.scan_info(scan_id).state


@pytest.fixture
def waiting(client):
    """A scan that stays at its second command."""
    return client.submit([Comment("a"), GATE, Wait("readback", 1)], "Waiting")


@pytest.fixture
def watched(open_page, server, waiting):
    page = open_page(server)
    expect(page.locator("#detail-state")).to_have_text("Running")
    return page


def test_pause_and_resume(watched, client, waiting):
    button(watched, "Pause").click()
    expect(watched.locator("#status")).to_contain_text(f"Scan {waiting} paused.")
    assert state(client, waiting) is ScanState.PAUSED
    button(watched, "Resume").click()
    expect(watched.locator("#status")).to_contain_text(f"Scan {waiting} goes on.")
    assert state(client, waiting) is ScanState.RUNNING


def test_next_goes_on_with_the_next_command(watched, client, waiting):
    button(watched, "Next").click()
    expect(watched.locator("#status")).to_contain_text(f"Scan {waiting} goes on with Wait for 'readback'")
    assert client.scan_info(waiting).address == 2


def test_abort_asks_first(watched, client, waiting):
    button(watched, "Abort").click()
    expect(watched.get_by_role("dialog", name=f"Abort scan {waiting}?")).to_be_visible()
    button(watched, "Cancel").click()
    expect(watched.locator("#confirm")).to_be_hidden()
    assert state(client, waiting) is ScanState.RUNNING
    button(watched, "Abort").click()
    button(watched, "Abort scan").click()
    expect(watched.locator("#status")).to_contain_text(f"Scan {waiting} aborted.")
    assert state(client, waiting) is ScanState.ABORTED


def test_escape_says_no(watched, client, waiting):
    button(watched, "Abort").click()
    button(watched, "Abort scan").focus()
    watched.keyboard.press("Escape")
    expect(watched.locator("#confirm")).to_be_hidden()
    assert state(client, waiting) is ScanState.RUNNING


def test_delete_asks_first_and_selects_what_is_left(watched, client, waiting):
    done = client.submit([Comment("b")], "Beside", queue=False)
    watched.locator("#scans-body tr", has_text="Beside").click()
    expect(watched.locator("#detail-state")).to_have_text("Finished")
    button(watched, "Delete").click()
    expect(watched.locator("#confirm-consequence")).to_contain_text("Beside")
    button(watched, "Delete scan").click()
    expect(watched.locator("#status")).to_contain_text(f"Scan {done} deleted.")
    assert [info.id for info in client.scan_infos()] == [waiting]
    expect(watched.locator("#detail-name")).to_have_text("Waiting")


def test_completed_scans_are_removed_after_asking(watched, client, waiting):
    client.submit([Comment("b")], "Beside", queue=False)
    button(watched, "Remove completed").click()
    button(watched, "Remove").click()
    expect(watched.locator("#status")).to_contain_text("Removed 1 scan.")
    assert [info.id for info in client.scan_infos()] == [waiting]


def test_queued_scans_can_be_moved(watched, client, waiting):
    second, third = (client.submit([Comment(name)], name) for name in ("second", "third"))
    names = watched.locator("#scans-body .name")
    expect(names).to_have_text(["third", "second", "Waiting"])
    watched.locator("#scans-body tr", has_text="third").click()
    button(watched, "Earlier").click()
    expect(watched.locator("#status")).to_contain_text(f"Scan {third} moved to an earlier turn.")
    expect(names).to_have_text(["second", "third", "Waiting"])
    assert [info.id for info in client.scan_infos()] == [second, third, waiting]
    button(watched, "Earlier").click()
    expect(watched.locator("#status")).to_contain_text("without effect")
    button(watched, "Later").click()
    expect(watched.locator("#status")).to_contain_text("moved to a later turn")
    assert [info.id for info in client.scan_infos()] == [third, second, waiting]


ENABLED = {
    "Running": {"Pause", "Next", "Abort"},
    "Paused": {"Resume", "Abort"},
    "Idle": {"Abort", "Earlier", "Later"},
    "Aborted": {"Delete"},
}


def test_only_what_makes_sense_is_enabled(watched, client, waiting):
    def check(name):
        expect(watched.locator("#detail-state")).to_have_text(name)
        for label in ("Pause", "Resume", "Next", "Abort", "Delete", "Earlier", "Later"):
            expect(button(watched, label)).to_be_enabled(enabled=label in ENABLED[name])

    check("Running")
    client.pause(waiting)
    check("Paused")
    client.abort(waiting)
    check("Aborted")
    client.submit([GATE])
    client.submit([GATE], "queued")
    watched.locator("#scans-body tr", has_text="queued").click()
    check("Idle")


def test_what_makes_no_sense_is_said_and_not_done(watched):
    requests = []
    watched.on("request", lambda request: requests.append(request.method))
    watched.keyboard.press("r")
    expect(watched.locator("#status")).to_contain_text("Nothing done: “resume” needs a paused scan")
    assert set(requests) <= {"GET"}


def test_a_yes_without_effect_is_told_honestly(watched, client, waiting):
    # As the real server: 200 for a pause that never came about
    watched.route("**/scan/*/pause", lambda route: route.fulfill(status=200))
    watched.keyboard.press("p")
    expect(watched.locator("#status")).to_contain_text(
        f"The server took “pause”, without effect: scan {waiting} is Running as before"
    )
    assert state(client, waiting) is ScanState.RUNNING


def test_a_refusal_gives_the_reason_of_the_server(watched, client, waiting, faults):
    faults.allow("status of (400|500)")
    # The list is held back, so that the page asks for a scan that is there no more
    watched.route("**/scans", lambda route: None)
    client.abort(waiting)
    client.delete(waiting)
    watched.keyboard.press("p")
    expect(watched.locator("#status")).to_contain_text(f"Refused by the server: Unknown scan ID {waiting}")


def test_a_journey_by_keyboard_alone(page, client):
    keys = page.keyboard
    expect(page.locator("#connection")).to_have_text("connected")
    keys.press("s")
    expect(page.locator("#editor-text")).to_be_focused()
    keys.insert_text("<commands><wait><device>setpoint</device><value>1</value></wait></commands>")
    keys.press("Control+Enter")
    expect(page.locator("#editor-result")).to_contain_text("no errors")
    for _ in range(20):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == "editor-submit":
            break
    keys.press("Enter")
    expect(page.locator("#status")).to_contain_text("Submitted as scan 1.")
    expect(page.locator("#detail-state")).to_have_text("Running")
    second = client.submit([Comment("b")], "second")
    expect(page.locator("#scans-body tr")).to_have_count(2)
    keys.press("k")
    expect(page.locator("#detail-id")).to_have_text(f"Scan {second}")
    keys.press("]")
    keys.press("j")
    expect(page.locator("#detail-id")).to_have_text("Scan 1")
    keys.press("a")
    expect(page.locator("#confirm")).to_be_visible()
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("#detail-state")).to_have_text("Aborted")
    keys.press("d")
    keys.press("Tab")
    expect(page.locator("#confirm-yes")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#scans-body tr")).to_have_count(1)
    assert [info.id for info in client.scan_infos()] == [second]


def test_tab_reaches_everything_and_gets_out_again(watched):
    seen = []
    for _ in range(60):
        watched.keyboard.press("Tab")
        seen.append(watched.evaluate("document.activeElement.id || document.activeElement.tagName"))
        if seen[-1] == "BODY":
            break
    assert seen[-1] == "BODY"  # out of the document: nothing holds the focus
    wanted = {"new-scan", "show-help", "filter", "TR", "do-pause", "do-abort", "plot-x", "follow", "commands"}
    assert wanted <= set(seen)
    outline = watched.evaluate(
        "document.getElementById('do-pause').focus({ focusVisible: true }),"
        "getComputedStyle(document.getElementById('do-pause')).outlineStyle"
    )
    assert outline == "solid"


def test_arrows_move_in_the_list(watched, client, waiting):
    client.submit([Comment("b")], "second")
    expect(watched.locator("#scans-body tr")).to_have_count(2)
    watched.locator("#scans-body tr[tabindex='0']").focus()
    watched.keyboard.press("ArrowUp")
    expect(watched.locator("#detail-name")).to_have_text("second")
    expect(watched.locator("#scans-body tr").first).to_be_focused()
    watched.keyboard.press("End")
    expect(watched.locator("#detail-name")).to_have_text("Waiting")


def test_help_lists_the_keys_and_can_switch_them_off(watched, client, waiting):
    watched.keyboard.press("?")
    helped = watched.get_by_role("dialog", name="Keys")
    expect(helped).to_be_visible()
    for text in ("pause", "resume", "abort, after asking", "new scan"):
        expect(helped).to_contain_text(text)
    helped.get_by_role("checkbox").uncheck()
    watched.keyboard.press("Escape")
    expect(helped).to_be_hidden()
    watched.keyboard.press("s")
    watched.keyboard.press("p")
    expect(watched.locator("#editor")).to_be_hidden()
    watched.reload()
    expect(watched.locator("#detail-state")).to_have_text("Running")
    watched.keyboard.press("s")
    expect(watched.locator("#editor")).to_be_hidden()
    assert state(client, waiting) is ScanState.RUNNING


def test_keys_typed_into_a_field_are_no_shortcuts(watched, client, waiting):
    watched.locator("#filter").focus()
    watched.keyboard.type("paused")
    expect(watched.locator("#scans-none")).to_be_visible()
    expect(watched.locator("dialog[open]")).to_have_count(0)
    assert state(client, waiting) is ScanState.RUNNING


# Submitting


def open_editor(page, text=""):
    page.get_by_role("button", name="New scan").click()
    page.fill("#editor-text", text)


def test_a_scan_is_submitted_with_its_options_and_selected(watched, client):
    open_editor(watched, GOOD)
    watched.fill("#editor-name", "By hand / 50 %")
    watched.fill("#editor-timeout", "30")
    watched.uncheck("#editor-queue")
    watched.uncheck("#editor-prepost")
    with watched.expect_request("**/scan/**") as sent:
        button(watched, "Submit").click()
    assert sent.value.url.endswith("/scan/By%20hand%20%2F%2050%20%25?queue=false&pre_post=false&timeout=30")
    expect(watched.locator("#status")).to_contain_text("Submitted as scan 2.")
    expect(watched.locator("#detail-name")).to_have_text("By hand / 50 %")
    expect(watched.locator("#editor")).to_be_hidden()
    assert client.wait_until_done(2).name == "By hand / 50 %"


def test_the_example_is_good(watched):
    open_editor(watched)
    button(watched, "Insert example").click()
    button(watched, "Check").click()
    expect(watched.locator("#editor-result")).to_have_text(
        "Well-formed, and the simulation found no errors; estimated time 0:12."
    )
    expect(watched.locator("#editor-log li").nth(3)).to_contain_text("Loop 'motor_x' = 0.0")


def test_what_is_not_well_formed_is_shown_by_line_and_column_and_not_sent(watched):
    sent = []
    watched.on("request", lambda request: sent.append(request.method))
    open_editor(watched, "\n<commands>\n  <comment><text>a</comment>\n</commands>")
    for name in ("Check", "Submit"):
        button(watched, name).click()
        expect(watched.locator("#editor-result")).to_have_text(
            "Not well-formed, line 3, column 19: </comment> where </text> is expected"
        )
    selected = watched.evaluate(
        "(() => { const area = document.getElementById('editor-text');"
        "return area.value.slice(area.selectionStart, area.selectionEnd); })()"
    )
    assert selected == "  <comment><text>a</comment>"
    assert "POST" not in sent


def test_an_empty_editor_and_impossible_options_are_told(watched):
    open_editor(watched, "  ")
    button(watched, "Submit").click()
    expect(watched.locator("#editor-result")).to_contain_text("no commands yet")
    watched.fill("#editor-text", GOOD)
    watched.fill("#editor-timeout", "-1")
    button(watched, "Submit").click()
    expect(watched.locator("#editor-result")).to_contain_text("whole seconds")
    watched.fill("#editor-timeout", "")
    watched.fill("#editor-name", "..")
    button(watched, "Submit").click()
    expect(watched.locator("#editor-result")).to_contain_text("cannot be the name")


@pytest.mark.parametrize("name", ["Check", "Submit"])
def test_a_refusal_shows_what_the_server_says(watched, client, waiting, faults, name):
    faults.allow("status of 400")
    open_editor(watched, "<commands><nonsense/></commands>")
    button(watched, name).click()
    expect(watched.locator("#editor-result")).to_contain_text(
        "failed to" if name == "Submit" else "Failed to"
    )
    expect(watched.locator("#editor-result")).to_contain_text("unknown command <nonsense>")
    assert [info.id for info in client.scan_infos()] == [waiting]


def test_a_refusal_that_is_no_xml_is_shown_too(watched, faults):
    faults.allow("status of 400")
    trace = "java.lang.Exception: a < b & more\n\tat Main.java:1"
    body = f"<error><message>x & <y> failed to submit</message><trace>{trace}</trace></error>"
    watched.route("**/scan/*", lambda route: route.fulfill(status=400, content_type="text/xml", body=body))
    open_editor(watched, GOOD)
    button(watched, "Submit").click()
    expect(watched.locator("#editor-result")).to_have_text(
        "x & <y> failed to submit: java.lang.Exception: a < b & more"
    )
    expect(watched.locator("#editor-log")).to_contain_text("at Main.java:1")


def test_errors_that_the_simulation_finds_stand_out(open_page):
    from scan_sdk import PvConfig, ScanClient, ScanConfig
    from scan_sdk.server import EmbeddedServer

    pv = PvConfig(name="loc://x(0)", alias="x", minimum="loc://low(0)", maximum="loc://high(5)")
    with EmbeddedServer(ScanConfig(pvs=(pv,))) as server, ScanClient(url=server.url):
        page = open_page(server)
        open_editor(page, "<commands><set><device>x</device><value>9</value></set></commands>")
        button(page, "Check").click()
        expect(page.locator("#editor-result")).to_contain_text("The simulation found 1 error")
        expect(page.locator("#editor-log .error")).to_have_text(
            "ERROR: Cannot set x = 9.0, valid range is 0.0 .. 5.0"
        )
        page.close()


def test_a_file_can_be_opened_and_dropped(watched, client):
    open_editor(watched)
    latin = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<commands><comment><text>µm</text></comment></commands>'
    )
    file = {"name": "from file.scn", "mimeType": "text/xml", "buffer": latin.encode("latin-1")}
    watched.set_input_files("#editor-file", file)
    expect(watched.locator("#editor-name")).to_have_value("from file")
    expect(watched.locator("#editor-text")).to_have_value(latin)
    button(watched, "Submit").click()
    expect(watched.locator("#status")).to_contain_text("Submitted as scan 2.")
    assert client.scan_commands(2)[0] == Comment("µm")
    watched.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "dropped.scn", { type: "text/xml" }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        GOOD,
    )
    button(watched, "Replace").click()
    expect(watched.locator("#editor")).to_be_visible()
    expect(watched.locator("#editor-text")).to_have_value(GOOD)
    expect(watched.locator("#editor-name")).to_have_value("dropped")


def test_commands_of_a_scan_are_copied_into_the_editor_and_submitted_again(watched, client, waiting):
    expect(watched.locator("#commands .line")).to_have_count(3)
    button(watched, "Copy to editor").click()
    expect(watched.locator("#editor-name")).to_have_value("Waiting")
    button(watched, "Submit").click()
    expect(watched.locator("#status")).to_contain_text("Submitted as scan 2.")
    assert client.scan_commands(2) == client.scan_commands(waiting)


def test_a_submission_without_an_answer_says_that_it_may_be_queued(watched, faults):
    faults.allow("ERR_FAILED")
    watched.route("**/scan/*", lambda route: route.abort())
    open_editor(watched, GOOD)
    button(watched, "Submit").click()
    expect(watched.locator("#editor-result")).to_contain_text("may be queued all the same")


def test_a_draft_survives_closing_the_editor(watched):
    open_editor(watched, GOOD)
    watched.keyboard.press("Escape")
    expect(watched.locator("#editor")).to_be_hidden()
    watched.keyboard.press("s")
    expect(watched.locator("#editor-text")).to_have_value(GOOD)


def test_logged_data_of_what_was_submitted_arrive(watched):
    from scan_sdk._wire.commands import write_commands

    open_editor(watched, write_commands([Set("setpoint", 4), Log("setpoint")]))
    watched.uncheck("#editor-queue")
    button(watched, "Submit").click()
    expect(watched.locator("#samples-body tr")).to_have_count(1)
    expect(watched.locator("#samples-body tr")).to_contain_text("4")

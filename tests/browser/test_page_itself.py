"""How the page behaves as a page: its pace, its token, its size on screens, and how much it stands."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from scan_sdk import Comment, Delay, Log, Loop, Set, Wait

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright comes with scan_sdk[browser]")
expect = sync_api.expect
pytestmark = pytest.mark.browser

GATE = Wait("setpoint", 1)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


# Pace


def lists(page):
    found = []
    page.on("request", lambda request: found.append(request.url) if request.url.endswith("/scans") else None)
    return found


def test_it_looks_twice_a_second_while_something_runs_and_seldom_else(open_page, server, client):
    page = open_page.blank()
    page.clock.install()
    seen = lists(page)
    page.goto(server.url)
    expect(page.locator("#connection")).to_have_text("connected")
    page.clock.pause_at(page.evaluate("Date.now()") + 3_600_000)
    scan_id = client.submit([GATE])
    with page.expect_request("**/scans"):
        page.clock.run_for(2100)
    expect(page.locator("#detail-state")).to_have_text("Running")
    for _ in range(4):
        with page.expect_request_finished(lambda request: request.url.endswith("/last_serial")):
            page.clock.run_for(510)
    client.abort(scan_id)
    with page.expect_request("**/scans"):
        page.clock.run_for(510)
    expect(page.locator("#detail-state")).to_have_text("Aborted")
    before = len(seen)
    page.clock.run_for(1900)
    assert len(seen) == before


def test_it_does_not_look_while_nobody_watches(open_page, server, client):
    page = open_page.blank()
    page.clock.install()
    page.add_init_script(
        "window.away = false; Object.defineProperty(document, 'hidden', { get: () => window.away });"
    )
    seen = lists(page)
    page.goto(server.url)
    expect(page.locator("#connection")).to_have_text("connected")
    leave = "(away) => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(leave, True)
    page.clock.run_for(1)
    before = len(seen)
    page.clock.run_for(60_000)
    assert len(seen) == before
    client.submit([Comment("a")], "meanwhile")
    page.evaluate(leave, False)
    expect(page.locator("#scans-body .name")).to_have_text(["meanwhile"])


def test_it_asks_one_thing_at_a_time(open_page, server):
    page = open_page.blank()
    page.clock.install()
    held = []
    page.route("**/scans", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it is given
    with page.expect_request("**/scans"):
        page.goto(server.url)
    page.clock.run_for(10_000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert len(held) == 1
    page.unroute("**/scans")  # and lets go of what is held
    expect(page.locator("#connection")).to_have_text("connected")


# Token


def test_it_asks_for_a_token_keeps_it_for_the_tab_and_sends_it_along(open_page, server, client, faults):
    faults.allow("status of 401")
    client.submit([Set("setpoint", 2), Log("setpoint")], "guarded")

    def guard(route):
        if route.request.headers.get("authorization") == "Bearer right one":
            route.continue_()
        else:
            route.fulfill(status=401, headers={"www-authenticate": "Bearer"})

    page = open_page.blank()
    page.route(re.compile(r"/(scan|scans|server|simulate)(/|$|\?)"), guard)
    page.goto(server.url)
    dialog = page.get_by_role("dialog", name="The server asks for a token")
    expect(page.locator("#token-text")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("#connection")).to_have_text("token wanted")
    page.get_by_role("button", name="Enter token").click()
    page.keyboard.type("wrong one")
    page.keyboard.press("Enter")
    expect(page.locator("#token-text")).to_have_value("")
    expect(dialog).to_be_visible()
    page.keyboard.type("right one")
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_have_text("connected")
    expect(page.locator("#banner-locked")).to_be_hidden()
    expect(page.locator("#samples-body tr")).to_have_count(1)
    page.reload()
    expect(page.locator("#connection")).to_have_text("connected")
    assert page.evaluate("localStorage.length") == 0


# Data


def test_only_what_is_new_is_fetched_where_the_server_can_say_so(open_page, server, client):
    asked = []

    def newer(route):
        asked.append(route.request.url.partition("?")[2])
        reply = route.fetch()
        after = re.search(r"\?after=(\d+)$", route.request.url)
        if after is None:
            route.fulfill(response=reply)
            return
        data = ET.fromstring(reply.text())
        for samples in data.iter("samples"):
            for sample in [found for found in samples if int(found.get("id")) <= int(after[1])]:
                samples.remove(sample)
        headers = {**reply.headers, "Scan-Data-After": after[1]}
        route.fulfill(response=reply, body=ET.tostring(data), headers=headers)

    scan_id = client.submit([*[Log("setpoint")] * 3, GATE, *[Log("setpoint")] * 2, GATE])
    page = open_page.blank()
    page.route("**/data*", newer)
    page.goto(server.url)
    rows = page.locator("#samples-body tr")
    expect(rows).to_have_count(3)
    client.next_command(scan_id)
    expect(rows).to_have_count(5)
    expect(page.locator("#plot")).to_have_attribute("data-points", "5")
    assert (asked[0], asked[-1]) == ("", "after=2")


def test_the_whole_log_is_taken_where_the_server_sends_it(open_page, server, client):
    scan_id = client.submit([*[Log("setpoint")] * 3, GATE, *[Log("setpoint")] * 2, GATE])
    page = open_page.blank()
    page.route("**/data*", lambda route: route.continue_(url=route.request.url.partition("?")[0]))
    page.goto(server.url)
    rows = page.locator("#samples-body tr")
    expect(rows).to_have_count(3)
    client.next_command(scan_id)
    expect(rows).to_have_count(5)
    expect(rows.locator("th")).to_have_text(["4", "3", "2", "1", "0"])


def test_commands_that_are_patched_meanwhile_are_shown(open_page, server, client):
    scan_id = client.submit([GATE, Set("readback", 1)])
    page = open_page.blank()
    page.clock.install()
    page.goto(server.url)
    expect(page.locator("#commands .line").last).to_contain_text("Set readback = 1")
    client.patch(scan_id, 1, "value", 42)
    page.clock.run_for(6000)
    expect(page.locator("#commands .line").last).to_contain_text("Set readback = 42")
    expect(page.locator("#commands [aria-current]")).to_contain_text("Wait for setpoint")


def test_a_scan_that_is_done_is_not_asked_for_again(open_page, server, client):
    client.wait_until_done(client.submit([Log("setpoint")]))
    page = open_page(server)
    expect(page.locator("#samples-body tr")).to_have_count(1)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request("**/scans"), page.expect_request("**/scans"):
        pass
    assert [url for url in asked if not url.endswith("/scans")] == []


# Screens


@pytest.fixture
def busy_scan(client):
    """A scan with long names, an error, and data."""
    client.submit([Set("setpoint", "x" * 300)], "A name without any space_" * 8)
    client.submit(
        [
            Comment("y" * 200),
            Loop("motor_x", 0, 1, 0.1, [Loop("motor_y", 0, 1, 0.5, [Log("motor_x", "motor_y", "neutrons")])]),
            Delay(60),
        ]
    )


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_needs_no_scrolling_sideways(open_page, server, busy_scan, width):
    page = open_page(server, **{**PHONE, "viewport": {"width": width, "height": 844}})
    expect(page.locator("#samples-body tr").nth(32)).to_be_attached()
    fits = "() => document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(fits)
    page.locator("#scans-body tr", has_text="Failed").tap()
    expect(page.locator("#detail-error")).to_be_visible()
    assert page.evaluate(fits)
    page.get_by_role("button", name="New scan").tap()
    page.get_by_role("button", name="Insert example").tap()
    page.get_by_role("button", name="Check").tap()
    expect(page.locator("#editor-result")).to_contain_text("no errors")
    assert page.evaluate(
        "() => { const d = document.getElementById('editor');return d.scrollWidth <= d.clientWidth; }"
    )
    small = page.evaluate(
        "() => [...document.querySelectorAll('button')].filter((b) => b.offsetParent !== null"
        " && b.getBoundingClientRect().height < 24).map((b) => b.id)"
    )
    assert small == []


LUMINANCE = """
    const luminance = (colour) => {
        const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map((part) => {
            const level = part / 255;
            return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let at = element; at !== null; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (!/^rgba\\(.*, 0\\)$/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const contrast = (element) => {
        const both = [getComputedStyle(element).color, ground(element)].map(luminance);
        const [low, high] = both.sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(open_page, server, client, busy_scan, scheme):
    client.submit([GATE], "paused")
    client.abort(client.submit([GATE], "aborted", queue=False))
    client.wait_until_done(client.submit([Comment("a")], "finished", queue=False))
    client.pause(client.submit([GATE], "paused", queue=False))
    page = open_page(server, color_scheme=scheme)
    expect(page.locator("#scans-body tr")).to_have_count(6)
    expect(page.locator("#commands .line").first).to_be_visible()
    for scan_id in [info.id for info in client.scan_infos()]:
        page.locator(f"tr[data-id='{scan_id}']").click()
        expect(page.locator("#detail-id")).to_have_text(f"Scan {scan_id}")
        dull = page.evaluate(
            f"""() => {{ {LUMINANCE}
                const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                const found = new Set();
                while (walker.nextNode()) {{
                    const element = walker.currentNode.parentElement;
                    const shown = walker.currentNode.data.trim() !== "" && element.offsetParent !== null;
                    const inactive = element.matches(":disabled, [aria-disabled=true]");
                    if (shown && !inactive && contrast(element) < 4.5) {{
                        found.add(`${{element.outerHTML.slice(0, 80)}} ${{contrast(element)}}`);
                    }}
                }}
                return [...found];
            }}"""
        )
        assert dull == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == ("rgb(14, 20, 25)" if scheme == "dark" else "rgb(238, 241, 244)")


# How much it stands


def test_a_thousand_scans_cost_little_at_each_look(open_page, server, client):
    for number in range(1000):
        client.submit([Comment("a")], f"scan {number}", queue=False)
    scan_id = client.submit([Loop("motor_y", 0, 1000, 1, [Delay(0.02)])], "running")
    page = open_page(server)
    expect(page.locator("#scans-body tr")).to_have_count(1001)
    page.evaluate(
        """() => {
            window.costs = [];
            const keep = (list) => window.costs.push(...list.getEntries().map((entry) => entry.duration));
            new PerformanceObserver(keep).observe({ type: "measure" });
        }"""
    )
    page.wait_for_function("() => window.costs.length >= 7")
    costs = sorted(page.evaluate("window.costs"))
    assert costs[0] > 0
    assert costs[len(costs) // 2] < 50, costs  # the median
    client.abort(scan_id)

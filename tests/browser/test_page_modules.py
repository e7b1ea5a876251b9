"""The modules of the page, called in the browser: what they read, find and leave out."""

from __future__ import annotations

from xml.parsers.expat import ExpatError, ParserCreate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright comes with scan_sdk[browser]")
pytestmark = pytest.mark.browser


def run(page, module, body, argument=None):
    """Return what a function body makes of the names that a module of the page exports."""
    return page.evaluate(
        f"async (argument) => {{ const it = await import('/page/{module}.js'); {body} }}", argument
    )


# What real servers say


JETTY = """<html><head><title>Error 500 Unknown &lt;scan&gt; ID 3</title></head>
<body><h2>HTTP ERROR 500</h2><table><tr><th>URI:</th><td>/scan/3</td></tr>
<tr><th>MESSAGE:</th><td>Unknown &lt;scan&gt; ID 3</td></tr></table></body></html>"""


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (JETTY, "Unknown <scan> ID 3"),
        ("<html><title>Bad &amp; worse</title></html>", "Bad & worse"),
        ("<error><message>m</message><trace>a &lt; b\nmore</trace></error>", "m: a < b"),
        ("<error><message>m & <n></message><trace/></error>", "m & <n>"),
        ("no such thing\n", "no such thing"),
        ("", "The server refused, and gives no reason (HTTP status 400)"),
    ],
)
def test_the_reason_of_a_refusal_is_found_however_it_is_given(page, reply, text):
    assert run(page, "api", "return it.readRefusal(400, argument).text;", reply) == text


def test_a_simulation_is_read_even_where_it_is_no_xml(open_page, server):
    body = "<simulation><log><![CDATA[Simulation:\na ]]> b & c]]></log><seconds>61.5</seconds></simulation>"
    page = open_page.blank()
    page.route("**/simulate", lambda route: route.fulfill(content_type="text/xml", body=body))
    page.goto(server.url)
    result = run(page, "api", "return it.simulate('<commands/>');")
    assert result == {"log": "Simulation:\na ]]> b & c", "seconds": 61.5}


def test_a_list_is_read_again_only_where_it_has_changed(page):
    one = "<scan>\n<id>1</id><name>a &amp; b</name><state>Finished</state></scan>"
    texts = [
        "<scans/>",
        f"<scans>\n  {one}\n</scans>\n",
        f"<scans>\n  <scan><id>2</id><state>Idle</state></scan>\n  {one}\n</scans>\n",
        f"<scans>{one}<scan><id>2</id><state>Running</state></scan></scans>",
    ]
    lists, same = run(
        page,
        "api",
        """
        const lists = argument.map(it.readScans);
        return [lists.map((scans) => scans.map(({ id, name, state }) => [id, name, state])),
            [lists[2][1] === lists[1][0], lists[3][0] === lists[1][0]]];
        """,
        texts,
    )
    first = [1, "a & b", "Finished"]
    assert lists == [[], [first], [[2, "", "Idle"], first], [first, [2, "", "Running"]]]
    assert same == [True, True]


# Plot


def test_a_hundred_thousand_points_are_drawn_in_no_time(page):
    sync_api.expect(page.locator("#connection")).to_have_text("connected")
    took, pixels = run(
        page,
        "plot",
        """
        const xs = Float64Array.from({ length: 100_000 }, (_, index) => index);
        const ys = xs.map((x) => Math.sin(x / 5000) + Math.random() / 10);
        const pixels = it.pixelsOf({ xs, ys }, (x) => x / 125, (y) => 100 * y).length / 2;
        document.getElementById("detail-scan").hidden = false;
        const plot = new it.Plot(document.getElementById("plot"));
        let best = Infinity;
        for (let round = 0; round < 5; round += 1) {
            const start = performance.now();
            plot.show([{ name: "a", xs, ys, style: 0 }], { x: "x", y: "y", xKind: "number" });
            best = Math.min(best, performance.now() - start);
        }
        return [best, pixels];
        """,
    )
    assert pixels <= 4 * 801
    assert took < 100  # the best of five: others may be using the machine


def test_what_is_left_out_of_a_curve_would_not_have_been_seen(page):
    kept = run(
        page,
        "plot",
        """
        const xs = Float64Array.from([0, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2, 3, 4]);
        const ys = Float64Array.from([1, 2, 9, 1, -3, 4, 5, NaN, 6, Infinity]);
        const pixels = it.pixelsOf({ xs, ys }, (x) => x, (y) => y);
        return pixels.map((value) => (Number.isNaN(value) ? null : value));
        """,
    )
    points = list(zip(kept[::2], kept[1::2], strict=True))
    assert points == [(0, 1), (0.2, 9), (0.4, -3), (0.5, 4), (1, 5), (None, None), (3, 6), (None, None)]


@given(st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300)).filter(lambda ends: ends[0] != ends[1]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_ticks_are_few_round_and_in_range(page, ends):
    low, high = sorted(ends)
    widened, ticks = run(
        page,
        "plot",
        """
        const range = it.rangeOf([Float64Array.from(argument)], 0.05);
        return [range, it.ticksOf(range, 6)];
        """,
        [low, high],
    )
    assert widened["low"] <= low < high <= widened["high"]
    assert len(ticks) <= 13
    for tick in ticks:
        assert widened["low"] <= tick["at"] <= widened["high"]
        assert len(tick["label"]) <= 20
    assert len({tick["at"] for tick in ticks}) == len(ticks)


DOCUMENT = (
    '<?xml version="1.0"?>\n<!-- a - b -->\n<commands a="1" b=\'2 > 1\'>\n'
    "  <comment><text>µ &amp; &#x41;</text></comment>\n  <![CDATA[ < & ]]>\n  <loop/>\n</commands>\n"
)


@st.composite
def _damaged(draw):
    text = DOCUMENT
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        text = text[:start] + draw(st.text("<>/&;\"'= -!?[]ax1\x01\n", max_size=2)) + text[end:]
    return text


def well_formed(text):
    try:
        ParserCreate().Parse(text.encode(), True)
    except ExpatError:
        return False
    return True


@given(st.lists(_damaged(), min_size=30, max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_documents_are_found_well_formed_as_other_parsers_find_them(page, texts):
    faults = run(page, "fault", "return argument.map(it.findFault);", texts)
    for text, fault in zip(texts, faults, strict=True):
        if "<!DOCTYPE" in text:
            continue
        assert (fault is None) == well_formed(text), (text, fault)
        assert fault is None or fault["line"] <= text.count("\n") + 1

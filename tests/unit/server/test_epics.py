"""EPICS variables without EPICS: what they hold, what they take, and what happens where it is missing."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk.models import Log, PvConfig, ScanState, Set
from scan_sdk.server import EmbeddedServer, serve
from scan_sdk.server.clock import ManualClock, settle
from scan_sdk.server.devices import channel_access, pv_access, schemes
from scan_sdk.server.devices.channel_access import ChannelAccessProvider
from scan_sdk.server.devices.conversion import Kind, Shape, bytes_of, fit, milliseconds_of, text_from
from scan_sdk.server.devices.epics import CaChannel, CaClient, CaSample, PvaSample
from scan_sdk.server.devices.pv import PvName, PvPool
from scan_sdk.server.devices.pv_access import PvAccessProvider
from scan_sdk.server.devices.values import EnumValue, Reading

from .conftest import CONFIG, make_rig

SHUTTER = Shape(Kind.CHOICE, ("Closed", "Open"))
LONG = (-(2**31), 2**31 - 1)


@pytest.mark.parametrize(
    ("shape", "value", "fitted"),
    [
        (Shape(Kind.NUMBER), 2.5, 2.5),
        (Shape(Kind.NUMBER), "2.5", 2.5),
        (Shape(Kind.NUMBER, limits=LONG), 2.9, 2),
        (Shape(Kind.NUMBER, limits=LONG), -2.9, -2),
        (Shape(Kind.TEXT), "abc", "abc"),
        (Shape(Kind.TEXT), 5.0, "5.0"),
        (SHUTTER, "Open", 1),
        (SHUTTER, 1.0, 1),
        (SHUTTER, "0", 0),
        (Shape(Kind.NUMBERS, capacity=3), (1.0, 2.0), (1.0, 2.0)),
        (Shape(Kind.NUMBERS), ("1", "2"), (1.0, 2.0)),
        (Shape(Kind.NUMBERS, limits=LONG), 4.5, (4,)),
        (Shape(Kind.TEXTS), ("a", "b"), ("a", "b")),
        (Shape(Kind.TEXTS), "a, b", ("a, b",)),
        (Shape(Kind.TEXTS), (1.0, 2.0), ("1.0", "2.0")),
        (Shape(Kind.BYTES, capacity=3), "ab", b"ab\0"),
        (Shape(Kind.BYTES), 5.0, b"5.0\0"),
        (Shape(Kind.BYTES), (104, -1), b"h\xff"),
    ],
)
def test_a_value_is_fitted_to_what_a_variable_holds(shape, value, fitted):
    found = fit(value, shape)
    assert found == fitted
    assert type(found) is type(fitted)


@pytest.mark.parametrize(
    ("shape", "value", "reason"),
    [
        (Shape(Kind.NUMBER), "fast", "cannot read a number from 'fast'"),
        (Shape(Kind.NUMBER), (1.0, 2.0), "expected one value, got a row"),
        (Shape(Kind.NUMBER, limits=LONG), 2.0**31, "expected a number from -2147483648 to 2147483647"),
        (Shape(Kind.NUMBER, limits=LONG), float("nan"), "expected a number from .* got NaN"),
        (Shape(Kind.TEXT), ("a",), "expected one value, got a row"),
        (SHUTTER, "Ajar", "'Ajar' is none of Closed, Open"),
        (SHUTTER, 2.0, "there is no choice 2.0 in 2"),
        (SHUTTER, -1.0, "there is no choice -1.0 in 2"),
        (SHUTTER, float("nan"), "there is no choice NaN in 2"),
        (Shape(Kind.NUMBERS, capacity=1), (1.0, 2.0), "expected at most 1 elements, got 2"),
        (Shape(Kind.BYTES, capacity=2), "ab", "expected at most 2 elements, got 3"),
        (Shape(Kind.BYTES), (256,), "expected a number from -128 to 255"),
        (Shape(Kind.STRUCTURE), "x", "a structure cannot be written"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(shape, value, reason):
    with pytest.raises(ValueError, match=f"^{reason}"):
        fit(value, shape)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_text_survives_as_bytes(text):
    assert text_from(bytes_of(text)) == text
    assert text_from(bytes_of(text) + b"rest") == text


@given(st.binary())
def test_any_bytes_are_some_text(data):
    assert "\0" not in text_from(data)


def test_bytes_that_are_no_utf_8_are_latin_1():
    assert text_from(b"20 \xb0C\0") == "20 °C"


def test_times_are_cut_to_milliseconds():
    assert milliseconds_of(1_600_000_000, 123_999_999) == 1_600_000_000_123


@pytest.mark.parametrize(
    ("channel", "shape"),
    [
        (CaChannel(CaClient.DOUBLE, 1), Shape(Kind.NUMBER, capacity=1)),
        (CaChannel(CaClient.LONG, 1), Shape(Kind.NUMBER, capacity=1, limits=LONG)),
        (CaChannel(CaClient.CHAR, 1), Shape(Kind.NUMBER, capacity=1, limits=(-128, 255))),
        (CaChannel(CaClient.CHAR, 9), Shape(Kind.BYTES, capacity=9)),
        (CaChannel(CaClient.STRING, 1), Shape(Kind.TEXT)),
        (CaChannel(CaClient.STRING, 2), Shape(Kind.TEXTS, capacity=2)),
        (CaChannel(CaClient.ENUM, 1), SHUTTER),
        (CaChannel(CaClient.ENUM, 4), Shape(Kind.NUMBERS, capacity=4, limits=(0, 65535))),
    ],
)
def test_channel_access_says_what_a_variable_holds(channel, shape):
    assert channel_access.shape_of(channel, ("Closed", "Open")) == shape


@pytest.mark.parametrize(
    ("raw", "shape", "value"),
    [
        (2.5, Shape(Kind.NUMBER), 2.5),
        (7, Shape(Kind.NUMBER), 7),
        (b"abc\0def", Shape(Kind.TEXT), "abc"),
        (1, SHUTTER, EnumValue(1, ("Closed", "Open"))),
        ([1, 2], Shape(Kind.NUMBERS), (1.0, 2.0)),
        ([b"a", b"\xb5"], Shape(Kind.TEXTS), ("a", "µ")),
        ([104, 105, 0, 106], Shape(Kind.BYTES), "hi"),
        ([], Shape(Kind.BYTES), ""),
    ],
)
def test_a_sample_of_channel_access_becomes_a_reading(raw, shape, value):
    reading = channel_access.reading_of(CaSample(raw, 1_600_000_000, 5_000_000), shape)
    assert reading == Reading(value, 1_600_000_000_005)
    assert type(reading.value) is type(value)


@pytest.mark.parametrize(
    ("fitted", "kind", "sent"),
    [
        (2.5, Kind.NUMBER, (2.5, CaClient.DOUBLE)),
        (1, Kind.CHOICE, (1, CaClient.DOUBLE)),
        ("µ", Kind.TEXT, ("µ".encode(), CaClient.STRING)),
        (("a", "b"), Kind.TEXTS, ([b"a", b"b"], CaClient.STRING)),
        (b"hi\0", Kind.BYTES, ([104, 105, 0], CaClient.CHAR)),
    ],
)
def test_what_channel_access_sends(fitted, kind, sent):
    assert channel_access.to_send(fitted, kind, "x") == sent


@pytest.mark.parametrize(("name", "field"), [("x", r"x\.VAL\$"), ("x.DESC", r"x\.DESC\$")])
def test_channel_access_cuts_no_text_in_silence(name, field):
    assert channel_access.to_send("ä" * 19, Kind.TEXT, name) == (("ä" * 19).encode(), CaClient.STRING)
    with pytest.raises(ValueError, match=f"carries 39 bytes of text, and this has 40: use {field}"):
        channel_access.to_send("ä" * 20, Kind.TEXT, name)


@pytest.mark.parametrize(
    ("sample", "shape", "value"),
    [
        (PvaSample("d", 2.5), Shape(Kind.NUMBER), 2.5),
        (PvaSample("i", 7), Shape(Kind.NUMBER, limits=LONG), 7),
        (PvaSample("B", 7), Shape(Kind.NUMBER, limits=(0, 255)), 7),
        (PvaSample("?", True), Shape(Kind.NUMBER, limits=(0, 1)), True),
        (PvaSample("s", "abc"), Shape(Kind.TEXT), "abc"),
        (PvaSample("enum", 1, ("Closed", "Open")), SHUTTER, EnumValue(1, ("Closed", "Open"))),
        (PvaSample("ad", [1.0, 2.0]), Shape(Kind.NUMBERS), (1.0, 2.0)),
        (PvaSample("ad", None), Shape(Kind.NUMBERS), ()),
        (PvaSample("aB", [104, 105]), Shape(Kind.NUMBERS, limits=(0, 255)), (104.0, 105.0)),
        (PvaSample("as", ["a", "b"]), Shape(Kind.TEXTS), ("a", "b")),
        (PvaSample("as", None), Shape(Kind.TEXTS), ()),
        (PvaSample("ab", [-62, -75, 0]), Shape(Kind.BYTES), "µ"),
        (PvaSample("ab", None), Shape(Kind.BYTES), ""),
        (PvaSample("", {"a": [1, 2]}), Shape(Kind.STRUCTURE), "{'a': [1, 2]}"),
    ],
)
def test_a_sample_of_pv_access_becomes_a_reading(sample, shape, value):
    assert pv_access.shape_of(sample) == shape
    reading = pv_access.reading_of(sample._replace(seconds=1_600_000_000, nanoseconds=5_000_000))
    assert reading == Reading(value, 1_600_000_000_005)
    assert type(reading.value) is type(value)


def test_only_the_alarm_of_a_lost_device_is_a_disconnect():
    sample = PvaSample("d", 2.5, alarm=(3, 2, "UDF"))
    assert pv_access.reading_of(sample) is not None
    assert pv_access.reading_of(sample._replace(alarm=(3, 7, "Disconnected"))) is None


@pytest.mark.parametrize(
    ("value", "shape", "fields"),
    [
        (2.5, Shape(Kind.NUMBER), {"value": 2.5}),
        ("Open", SHUTTER, {"value.index": 1}),
        ((1.0, 2.0), Shape(Kind.NUMBERS), {"value": [1.0, 2.0]}),
        ("µ", Shape(Kind.BYTES), {"value": [-62, -75, 0]}),
    ],
)
def test_what_pv_access_sends(value, shape, fields):
    assert pv_access.fields_to_send(value, shape) == fields


@pytest.mark.parametrize("scheme", ["ca", "pva"])
def test_brackets_in_names_of_epics_are_theirs(scheme):
    assert PvName.parse(f"{scheme}://a.VAL{{x}}(1)$") == PvName(scheme, "a.VAL{x}(1)$")


@pytest.mark.parametrize(
    ("default", "name", "parsed"),
    [
        ("ca", "x(1)", PvName("ca", "x(1)")),
        ("pva", "x", PvName("pva", "x")),
        ("loc", "x(1)", PvName("loc", "x", None, "1")),
        ("loc", "ca://x", PvName("ca", "x")),
    ],
)
def test_a_plain_name_is_of_the_default_scheme(default, name, parsed):
    assert PvName.parse(name, default=default) == parsed


async def test_a_plain_name_and_the_full_one_are_the_same_variable():
    pool = PvPool(schemes.providers(schemes.Around(ManualClock(), 1.0)), default_pv="ca")
    assert pool.acquire("x") is pool.acquire("ca://x")
    pool.release("x")
    pool.release("ca://x")
    assert not pool.in_use


def test_an_unknown_default_is_refused_when_the_server_starts(tmp_path):
    for start in (
        lambda: EmbeddedServer(default_pv="foo").start(),
        lambda: serve(default_pv="foo", port=0, data_log=tmp_path),
    ):
        with pytest.raises(ValueError, match=r"^default_pv is 'foo': choose one of ca, .*\bloc\b.*pva"):
            start()


@pytest.mark.parametrize(
    ("provider", "library", "what"),
    [
        (ChannelAccessProvider, "aioca", "EPICS Channel Access"),
        (PvAccessProvider, "p4p.client", "EPICS PV Access"),
    ],
)
async def test_without_the_library_a_scan_fails_and_says_what_to_install(
    monkeypatch, tmp_path, provider, library, what
):
    monkeypatch.setitem(sys.modules, library, None)
    for name in ("ChannelAccessProvider", "PvAccessProvider"):
        monkeypatch.setattr(schemes, name, provider)
    config = CONFIG.model_copy(update={"pvs": (*CONFIG.pvs, PvConfig(name="plain", alias="p"))})
    rig = await make_rig(tmp_path, config)
    failed = await rig.submit(Set("x", 1), Log("p"))
    assert failed.info().command == "Waiting for device p [plain] (Disconnected)"
    await rig.clock.advance(2)
    text = f"{what} needs packages that are not installed: pip install 'scan_sdk[epics]'"
    assert failed.info().error == f"No connection within 2.0 sec: p [plain] (Disconnected); {text}"
    assert not rig.engine.pool.in_use
    assert (await rig.run(Set("x", 1))).state is ScanState.FINISHED
    document = b"<commands><log><devices><device>p</device></devices></log></commands>"
    simulation = asyncio.ensure_future(rig.engine.simulate(document))
    while rig.clock.next_due is None:
        await settle()
    await rig.clock.advance(2)
    assert (await simulation).log.splitlines()[2:4] == [
        "ERROR: Cannot access p [plain] (Disconnected)",
        "00:00:00 - Log 'p'",
    ]
    await rig.engine.stop()


@pytest.mark.parametrize("provider", [ChannelAccessProvider, PvAccessProvider])
def test_an_empty_name_makes_no_sense(provider):
    with pytest.raises(ValueError, match="the name is empty"):
        provider(1.0).create(PvName("ca", ""))
    provider(1.0).close()


def test_a_server_that_needs_no_epics_does_not_load_it():
    program = (
        "import sys; from scan_sdk.server import EmbeddedServer\n"
        "with EmbeddedServer(): pass\n"
        "print([name for name in ('aioca', 'epicscorelibs', 'p4p') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"

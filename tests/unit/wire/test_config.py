"""The configuration file of a scan server."""

from __future__ import annotations

import logging
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import InvalidConfig, PvConfig, ScanConfig, load_config
from scan_sdk._wire.config import read_config
from scan_sdk.models.base import fields_of

CONFORMANCE = Path(__file__).parents[2] / "contract" / "conformance" / "scan_config.xml"


def test_a_whole_configuration() -> None:
    document = b"""<?xml version="1.0"?>
    <scan_config>
      <log_limit>7</log_limit>
      <port> 4811 </port>
      <data_log>log</data_log>
      <pre_scan>a.scn</pre_scan> <post_scan>b.scn</post_scan> <pre_scan>c.scn</pre_scan> <pre_scan/>
      <status_pv_prefix>S:</status_pv_prefix>
      <read_timeout>2.5</read_timeout>
      <path>one</path> <path>two</path>
      <simulation_hook>Hook</simulation_hook>
      <macros>a=1, b=2</macros>
      <old_scan_removal_threadhold>90</old_scan_removal_threadhold>
      <pv> <name>loc://x(0)</name> <alias>x</alias> <slew_rate>0.1</slew_rate>
           <minimum>low</minimum> <maximum>high</maximum> <note/> </pv>
      <pv> <name_pattern>loc://fast.*</name_pattern> <slew_rate>100</slew_rate> </pv>
      <unknown/>
    </scan_config>"""
    assert read_config(document) == ScanConfig(
        port=4811,
        data_log="log",
        pre_scan=("a.scn", "c.scn"),
        post_scan=("b.scn",),
        status_pv_prefix="S:",
        read_timeout=2.5,
        paths=("one", "two"),
        simulation_hook="Hook",
        macros="a=1, b=2",
        old_scan_removal_threshold=90,
        log_limit=7,
        pvs=(
            PvConfig(name="loc://x(0)", alias="x", slew_rate=0.1, minimum="low", maximum="high"),
            PvConfig(name_pattern="loc://fast.*", slew_rate=100),
        ),
    )


def test_missing_and_empty_elements_take_their_defaults() -> None:
    assert read_config(b"<scan_config/>") == ScanConfig()
    empty = b"<port/><data_log> </data_log><path/><macros/><read_timeout></read_timeout>"
    assert read_config(b"<scan_config>" + empty + b"</scan_config>") == ScanConfig()
    assert ScanConfig() == ScanConfig(
        port=4810, data_log="scan_log_db", read_timeout=20.0, old_scan_removal_threshold=50.0, log_limit=0
    )


def test_the_first_of_repeated_elements_counts() -> None:
    assert read_config(b"<scan_config><port>1</port><port>2</port></scan_config>").port == 1


def test_the_configuration_of_the_conformance_scenarios() -> None:
    config = read_config(CONFORMANCE.read_bytes())
    assert [pv.alias for pv in config.pvs if pv.alias][:2] == ["motor_x", "motor_y"]
    assert config.pvs[-1].name_pattern == "loc://fast.*"
    assert config.paths == ("scripts",)
    assert config.macros == "axis=motor_x, where=here"


@pytest.mark.parametrize(
    ("document", "place", "reason"),
    [
        ("", "1:1", "not well-formed"),
        ("<scan_config>\n<port>1</port>", "2:15", "not well-formed"),
        ("<scan_config>\n <port>1</prt>", "2:11", "not well-formed XML: mismatched tag"),
        ("<config/>", "1:1", "the root element is <config>, not <scan_config>"),
        ("<!DOCTYPE x><scan_config/>", "1:12", "a document type declaration is not allowed"),
        ("<?xml version='1.0' encoding='rot13'?><scan_config/>", "1:1", "its encoding cannot be read"),
        ("{}<port>x</port>", "2:2", "<port> cannot be 'x': give a TCP port"),
        ("{}<port>4_810</port>", "2:2", "<port> cannot be '4_810': give a TCP port"),
        ("{}<port>70000</port>", "2:2", "<port> cannot be '70000': give a TCP port"),
        ("{}<read_timeout>-1</read_timeout>", "2:2", "<read_timeout> cannot be '-1': give a time"),
        ("{}<read_timeout>soon</read_timeout>", "2:2", "<read_timeout> cannot be 'soon': give a time"),
        (
            "{}<old_scan_removal_threadhold>101</old_scan_removal_threadhold>",
            "2:2",
            "<old_scan_removal_threadhold> cannot be '101': give a percentage",
        ),
        ("{}<log_limit>-1</log_limit>", "2:2", "<log_limit> cannot be '-1': give a whole number, 0 or more"),
        (
            "{}<macros>a=1, 2=b</macros>",
            "2:2",
            "<macros>: Cannot read the macros 'a=1, 2=b': '2' is",
        ),
        ("{}<pv/>", "2:2", "<pv>: a pv needs a name or a name_pattern, and not both"),
        (
            "{}<pv><name>a</name><name_pattern>b</name_pattern></pv>",
            "2:2",
            "<pv>: a pv needs a name or a name_pattern, and not both",
        ),
        (
            "{}<pv><name_pattern>b</name_pattern></pv>",
            "2:2",
            "<pv>: a pv with a name_pattern needs a slew_rate",
        ),
        (
            "{}<pv><name_pattern>b(</name_pattern><slew_rate>1</slew_rate></pv>",
            "2:2",
            "<pv>: its name_pattern is no regular expression: missing )",
        ),
        (
            "{}<pv><name>a</name>\n<slew_rate>0</slew_rate></pv>",
            "3:1",
            "<slew_rate> cannot be '0': give a rate in units per second: a finite number above 0",
        ),
        (
            "{}<pv><name>a</name><alias>x</alias></pv>\n<pv><name>b</name><alias>x</alias></pv>",
            "3:1",
            "<pv>: x is already what commands call a: give b an alias of its own",
        ),
        (
            "{}<pv><name>a</name></pv>\n<pv><name>b</name><alias>a</alias></pv>",
            "3:1",
            "<pv>: a is already what commands call a: give b an alias of its own",
        ),
    ],
)
def test_what_is_refused(document: str, place: str, reason: str) -> None:
    if document.startswith("{}"):
        document = f"<scan_config>\n {document[2:]}\n</scan_config>"
    with pytest.raises(InvalidConfig) as caught:
        read_config(document.encode(), source="beamline.xml")
    assert str(caught.value).startswith(f"beamline.xml:{place}: {reason}")
    assert len(caught.value.problems) == 1


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    document = b"""<scan_config>
      <pv> <alias>x</alias> </pv>
      <pv> <name>a</name> <slew_rate>fast</slew_rate> </pv>
      <port>-1</port> <log_limit>all</log_limit>
      <macros>=</macros>
      <path>good</path>
    </scan_config>"""
    with pytest.raises(InvalidConfig) as caught:
        read_config(document)
    assert [line for line, _, _ in caught.value.problems] == [2, 3, 4, 4, 5]
    assert str(caught.value).count("\nscan_config.xml:") == 4


def test_the_same_pv_may_be_listed_again() -> None:
    pv = b"<pv><name>a</name></pv>"
    assert len(read_config(b"<scan_config>" + pv + pv + b"</scan_config>").pvs) == 2


@pytest.mark.parametrize(
    ("document", "warning"),
    [
        (
            "<read_timout>5</read_timout>",
            "<read_timout> is not known, and has no effect; is it meant to be <read_timeout>?",
        ),
        (
            "<old_scan_removal_threshold>5</old_scan_removal_threshold>",
            "is it meant to be <old_scan_removal_threadhold>?",
        ),
        ("<pv><name>a</name><slewrate>1</slewrate></pv>", "is it meant to be <slew_rate>?"),
        ("<zzz/>", "<zzz> is not known, and has no effect"),
        ("<port>1</port><port>2</port>", "<port> has no effect: the first one counts, in line 2"),
    ],
)
def test_what_has_no_effect_is_warned_of_with_its_line(
    document: str, warning: str, caplog: pytest.LogCaptureFixture
) -> None:
    read_config(f"<scan_config>\n{document}</scan_config>".encode(), source="a.xml")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.name.startswith("scan_sdk.")
    assert record.getMessage().startswith("a.xml:2:")
    assert record.getMessage().endswith(warning)


def test_what_older_configurations_have_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    read_config(b"<scan_config><path>a</path><path>b</path><pv><name>a</name><log/></pv></scan_config>")
    assert not caplog.records


@pytest.mark.slow
def test_nesting_and_size_are_no_matter() -> None:
    deep = b"<x>" * 100_000 + b"</x>" * 100_000
    many = b"\n<pv><name>a</name></pv>" * 20_000
    assert len(read_config(b"<scan_config>" + deep + many + b"</scan_config>").pvs) == 20_000


def test_a_file_is_named_in_messages_and_may_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "scan_config.xml"
    with pytest.raises(FileNotFoundError):
        load_config(file)
    file.write_text("<scan_config><port>4811</port></scan_config>")
    assert load_config(str(file)).port == 4811
    file.write_text("<scan_config><port/><pv/></scan_config>")
    with pytest.raises(InvalidConfig) as caught:
        load_config(file)
    assert str(caught.value).startswith(f"{file}:1:21: ")
    assert caught.value.source == str(file)


NAMES = st.text(st.sampled_from("abX:.{}()$/é&<'\""), min_size=1, max_size=8)
PVS = st.builds(
    PvConfig,
    name=NAMES,
    alias=st.none(),
    slew_rate=st.none() | st.floats(1e-9, 1e9),
    minimum=st.none() | NAMES,
    maximum=st.none() | NAMES,
) | st.builds(PvConfig, name_pattern=NAMES.map(lambda text: f"[{text[0]}].*"), slew_rate=st.floats(1e-9, 1e9))
CONFIGS = st.builds(
    ScanConfig,
    port=st.integers(0, 65535),
    data_log=NAMES,
    pre_scan=st.lists(NAMES, max_size=3),
    post_scan=st.lists(NAMES, max_size=3),
    status_pv_prefix=st.just("") | NAMES,
    read_timeout=st.floats(0, 1e6),
    paths=st.lists(NAMES, max_size=3),
    simulation_hook=st.just("") | NAMES,
    macros=st.sampled_from(["", "a=1", 'a="1, 2", b=$(a)']),
    old_scan_removal_threshold=st.floats(0, 100),
    log_limit=st.integers(0, 10**6),
    pvs=st.lists(PVS, max_size=4),
)


def written(config: ScanConfig | PvConfig) -> str:
    """Return a configuration as someone may write it down."""
    out = ""
    for field in fields_of(config):
        value = getattr(config, field.attribute)
        items = value if isinstance(value, tuple) else () if value is None else (value,)
        for item in items:
            text = written(item) if isinstance(item, PvConfig) else escape(str(item))
            out += f"<{field.tag}>{text}</{field.tag}>\n"
    return out


@given(CONFIGS)
def test_a_configuration_is_read_as_it_was_written(config: ScanConfig) -> None:
    assert read_config(f"<scan_config>{written(config)}</scan_config>".encode()) == config

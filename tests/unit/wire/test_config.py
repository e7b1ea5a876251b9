"""The configuration file of a scan server."""

from __future__ import annotations

from pathlib import Path

import pytest

from scan_sdk import InvalidConfig, PvConfig, ScanConfig
from scan_sdk._wire.config import read_config

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
    ("document", "reason"),
    [
        (b"", "not well-formed"),
        (b"<scan_config>", "not well-formed"),
        (b"<config/>", "the root element is <config>, not <scan_config>"),
        (b"<!DOCTYPE x><scan_config/>", "document type declaration"),
        (b"<scan_config><port>x</port></scan_config>", "<port> wants a number, not 'x'"),
        (b"<scan_config><port>4_810</port></scan_config>", "<port> wants a number, not '4_810'"),
        (b"<scan_config><port>70000</port></scan_config>", "<port>: give a TCP port"),
        (b"<scan_config><read_timeout>-1</read_timeout></scan_config>", "<read_timeout>: give a time"),
        (b"<scan_config><read_timeout>soon</read_timeout></scan_config>", "<read_timeout> wants a number"),
        (
            b"<scan_config><old_scan_removal_threadhold>101</old_scan_removal_threadhold></scan_config>",
            "<old_scan_removal_threshold>: give a percentage",
        ),
        (
            b"<scan_config><log_limit>-1</log_limit></scan_config>",
            "<log_limit>: give a whole number, 0 or more",
        ),
        (b"<scan_config><pv/></scan_config>", "<pv>: a pv needs a name or a name_pattern, and not both"),
        (
            b"<scan_config><pv><name>a</name><name_pattern>b</name_pattern></pv></scan_config>",
            "<pv>: a pv needs a name or a name_pattern, and not both",
        ),
        (
            b"<scan_config><pv><name_pattern>b</name_pattern></pv></scan_config>",
            "<pv>: a pv with a name_pattern needs a slew_rate",
        ),
        (
            b"<scan_config><pv><name>a</name><slew_rate>0</slew_rate></pv></scan_config>",
            "<slew_rate>: give a rate in units per second: a finite number above 0",
        ),
    ],
)
def test_what_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        read_config(document, source="beamline.xml")
    assert str(caught.value).startswith("beamline.xml: ")
    assert reason in str(caught.value)

"""The body of a patch."""

from __future__ import annotations

import pytest
from hypothesis import given

from scan_sdk import Patch
from scan_sdk._wire.patch import read_patch, write_patch
from scan_sdk.testing.strategies import patches


def test_the_layout() -> None:
    assert write_patch(Patch(address=1, property="value", value=5)) == (
        "<patch>\n  <address>1</address>\n  <property>value</property>\n  <value>5.0</value>\n</patch>\n"
    )


@pytest.mark.parametrize(
    "value", ["a & b", "1</value><value>99", '"', "5", "", "]]>", "a\r\nb", 5.0, -0.0, 1e300]
)
def test_trap_01_values_are_escaped_and_stay_what_they_are(value: float | str) -> None:
    patch = Patch(address=0, property="value", value=value)
    read = read_patch(write_patch(patch).encode())
    assert read == patch
    assert type(read.value) is type(patch.value)


@given(patches())
def test_patches_survive(patch: Patch) -> None:
    assert read_patch(write_patch(patch).encode()) == patch


def test_what_people_send() -> None:
    body = b"<patch><value> Open </value><property>value</property><address> 3 </address><x/></patch>"
    assert read_patch(body) == Patch(address=3, property="value", value="Open")
    assert read_patch(b"<patch><address>0</address><property>seconds</property></patch>").value == 0.0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not well-formed"),
        (b"<patch>", "not well-formed"),
        (b"<p/>", "the root element is <p>, not <patch>"),
        (b"<patch/>", "<address>: '' is no whole number"),
        (
            b"<patch><address>x</address><property>value</property></patch>",
            "<address>: 'x' is no whole number",
        ),
        (b"<patch><address>-1</address><property>value</property></patch>", "<address>: give the address"),
        (b"<patch><address>1</address></patch>", "<property>: give the name of a command's property"),
        (b"<patch><address>1</address><property>Value</property></patch>", "<property>: give the name"),
        (b"<patch><address>1</address><property>value</property><value>NaN</value></patch>", "<value>: give"),
        (b"<!DOCTYPE patch><patch/>", "document type declaration"),
    ],
)
def test_what_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_patch(body)

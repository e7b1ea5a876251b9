"""Settings for devices survive their file, and names with prefixes mean what they say."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import Comparison, DeviceRule, InvalidSettings, ScanSettings

NAMES = st.from_regex(r"[A-Za-z:.µ]{1,6}", fullmatch=True)
RULES = st.fixed_dictionaries(
    {
        "pattern": NAMES.map(re.escape) | st.sampled_from([".*", r"[A-M]+.*", r"\w+"]),
        "completion": st.booleans(),
        "readback": st.booleans() | NAMES,
        "readback_value": st.none() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
        "timeout": st.floats(0, 1e300),
        "tolerance": st.none() | st.floats(0, 1e300),
        "comparison": st.sampled_from(Comparison),
    }
).map(DeviceRule.model_validate)
SETTINGS = st.tuples(st.lists(RULES, max_size=5), st.just("") | NAMES).map(
    lambda parts: ScanSettings(parts[0], table_scan_row=parts[1])
)


@given(SETTINGS, st.lists(NAMES, max_size=5))
def test_a_file_says_the_same_of_each_device(settings: ScanSettings, names: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "settings.json")
        path.write_text(settings.to_json(), encoding="utf-8")
        again = ScanSettings.read(path)
    assert again.table_scan_row == settings.table_scan_row
    for name in names:
        assert again.of(name) == settings.of(name)


@given(SETTINGS, NAMES, st.lists(st.tuples(st.sampled_from("+-"), st.sampled_from("crp")), max_size=5))
def test_the_last_prefix_of_a_letter_holds(
    settings: ScanSettings, name: str, prefixes: list[tuple[str, str]]
) -> None:
    found = settings.of("".join(map("".join, prefixes)) + " " + name)
    plain = settings.of(name)
    said = {letter: sign == "+" for sign, letter in prefixes}
    assert found.name == name
    assert found.completion == said.get("c", plain.completion)
    assert bool(found.readback) == said.get("r", bool(plain.readback))
    assert found.parallel == said.get("p", False)
    assert found.readback in {"", plain.readback or name}


@given(st.text())
def test_any_text_is_a_device_or_refused(text: str) -> None:
    try:
        found = ScanSettings().of(text)
    except InvalidSettings:
        return
    assert found.name == found.name.strip() != ""
    assert text.rstrip().endswith(found.name)


@given(st.binary(max_size=30), st.sampled_from(["json", "toml", "yaml"]))
def test_any_file_is_settings_or_refused(content: bytes, end: str) -> None:
    refused_or_read(content, end)


PIECES = st.sampled_from(
    [*"{}[]:,=#\n\t '\"&*!|>%@-~?", "x", "!!", "true", "1", "timeout", "1e3", "<<", "---"]
)


@given(st.lists(PIECES, max_size=20), st.sampled_from(["json", "toml", "yaml"]))
def test_any_muddle_of_a_file_is_settings_or_refused(pieces: list[str], end: str) -> None:
    refused_or_read("".join(pieces).encode(), end)


def refused_or_read(content: bytes, end: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"settings.{end}")
        path.write_bytes(content)
        with suppress(InvalidSettings):
            ScanSettings.read(path)

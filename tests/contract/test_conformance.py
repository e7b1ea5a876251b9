"""Conversations with the real scan server, replayed against the embedded one."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FOLDER = Path(__file__).parent / "conformance"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", FOLDER / "conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = _tool()


def scenarios() -> Iterator[object]:
    for path in sorted((FOLDER / "scenarios").glob("*.json")):
        yield pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with EmbeddedServer(FOLDER / "scan_config.xml") as server:
        yield server.url


@pytest.mark.parametrize("scenario", tuple(scenarios()))
def test_the_embedded_server_answers_as_the_real_one(url, scenario):
    replay = tool.Replay(url)
    try:
        for number, step in enumerate(scenario["steps"]):
            assert replay.run(step) == step["expect"], f"step {number}, {step['do']}: {scenario.get('about')}"
    finally:
        tool.clean_up(url, replay)

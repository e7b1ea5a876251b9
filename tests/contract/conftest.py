"""Both clients under one roof: what is said of one must hold for the other."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from scan_sdk.async_client import AsyncScanClient
from scan_sdk.client import ScanClient

MakeClient = Callable[..., Any]


class Blocking:
    """An `AsyncScanClient` on an event loop of its own, to be called as a `ScanClient`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.client = AsyncScanClient(*args, **options)
        self.runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        if inspect.isasyncgenfunction(method):
            return lambda *args, **options: self._iterate(method(*args, **options))
        return lambda *args, **options: self.runner.run(method(*args, **options))

    def _iterate(self, values: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self.runner.run(anext(values))
                except StopAsyncIteration:
                    return
        finally:
            self.runner.run(values.aclose())

    def close(self) -> None:
        self.runner.run(self.client.aclose())


@pytest.fixture(params=["blocking", "async"])
def make_client(request: pytest.FixtureRequest) -> Iterator[MakeClient]:
    """Return what makes clients, of one kind and then of the other; they are closed at the end."""
    kind = {"blocking": ScanClient, "async": Blocking}[request.param]
    with ExitStack() as stack:

        def make(*args: Any, **options: Any) -> Any:
            client = kind(*args, **options)
            if isinstance(client, Blocking):
                stack.enter_context(client.runner)
            stack.callback(client.close)
            return client

        yield make

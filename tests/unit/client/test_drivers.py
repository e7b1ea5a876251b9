"""Running flows to their end, blocking and async."""

from __future__ import annotations

import asyncio

import pytest

from scan_sdk._protocol.drivers import run, run_async
from scan_sdk._protocol.steps import Send, Sleep
from scan_sdk.errors import ConnectError


def drive(flow, exchange, sleep):
    return run(flow, exchange, sleep)


def drive_async(flow, exchange, sleep):
    async def async_exchange(operation, deadline):
        return exchange(operation, deadline)

    async def async_sleep(seconds):
        sleep(seconds)

    return asyncio.run(run_async(flow, async_exchange, async_sleep))


both = pytest.mark.parametrize("drive", [drive, drive_async])


def nothing(*_):
    raise AssertionError("not asked for")


@both
def test_answers_are_sent_into_the_flow(drive):
    slept = []

    def flow():
        first = yield Send("a", 1.0)
        yield Sleep(2)
        second = yield Send("b", 3.0)
        return first + second

    assert drive(flow(), lambda operation, deadline: [(operation, deadline)], slept.append) == [
        ("a", 1.0),
        ("b", 3.0),
    ]
    assert slept == [2]


@both
def test_a_flow_may_ask_nothing(drive):
    def flow():
        return 5
        yield

    assert drive(flow(), nothing, nothing) == 5


@both
def test_our_errors_are_thrown_into_the_flow(drive):
    def refuse(*_):
        raise ConnectError("refused")

    def flow():
        try:
            yield Send("a", 1.0)
        except ConnectError as error:
            return str(error)

    assert drive(flow(), refuse, nothing) == "refused"


@both
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_other_errors_end_the_flow(drive, error):
    closed = []

    def interrupt(*_):
        raise error

    def flow():
        try:
            yield Sleep(1)
        finally:
            closed.append(True)

    with pytest.raises(error):
        drive(flow(), nothing, interrupt)
    assert closed

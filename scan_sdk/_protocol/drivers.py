"""Run a flow to its end: one driver blocks, the other awaits."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeVar

from scan_sdk._protocol.steps import Sleep
from scan_sdk.errors import ScanSdkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from scan_sdk._protocol.operations import Operation
    from scan_sdk._protocol.steps import Flow

T = TypeVar("T")


def run(
    flow: Flow[T],
    exchange: Callable[[Operation[Any], float], object],
    sleep: Callable[[float], object] = time.sleep,
) -> T:
    """Run a flow in the calling thread and return its result.

    Args:
        flow: What to do.
        exchange: Performs an operation by a deadline.
        sleep: Blocks for some seconds; an interrupt ends it.
    """
    answer: object = None
    try:
        step = next(flow)
        while True:
            try:
                answer = (
                    sleep(step.seconds)
                    if isinstance(step, Sleep)
                    else exchange(step.operation, step.deadline)
                )
            except ScanSdkError as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()


async def run_async(
    flow: Flow[T],
    exchange: Callable[[Operation[Any], float], Awaitable[object]],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> T:
    """Run a flow in the calling task and return its result.

    Args:
        flow: What to do.
        exchange: Performs an operation by a deadline.
        sleep: Waits for some seconds; cancellation ends it.
    """
    answer: object = None
    try:
        step = next(flow)
        while True:
            try:
                if isinstance(step, Sleep):
                    answer = await sleep(step.seconds)
                else:
                    answer = await exchange(step.operation, step.deadline)
            except ScanSdkError as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()

"""An embedded server goes through a grid exactly as a model in Python does, whatever its axes are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scan_sdk import GridScan, Range, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scan_sdk import ScanClient
    from scan_sdk.compose.grid import Axis

NAMES = ("motor_x", "motor_y", "setpoint")


def ranges(name: str) -> st.SearchStrategy[Axis]:
    quarters = st.integers(-8, 8).map(lambda number: number / 4)
    steps = st.integers(1, 6).map(lambda number: number / 4)
    return st.builds(
        lambda start, end, step, snake: Range(
            name, start, end, math.copysign(step, end - start), snake=snake
        ),
        quarters,
        quarters,
        steps,
        st.booleans(),
    ).filter(lambda axis: axis.count <= 4)


def values(name: str) -> st.SearchStrategy[Axis]:
    several = st.lists(st.integers(-5, 5), min_size=1, max_size=3)
    return st.builds(lambda found, snake: Values(name, found, snake=snake), several, st.booleans())


def grids() -> st.SearchStrategy[list[Axis]]:
    return st.integers(1, 3).flatmap(
        lambda count: st.tuples(*(ranges(name) | values(name) for name in NAMES[:count])).map(list)
    )


def positions(axis: Axis) -> list[float]:
    """Say where an axis goes, forth."""
    if isinstance(axis, Values):
        return [float(value) for value in axis.values]
    steps = math.ceil(abs((axis.end - axis.start) / axis.step))
    return [*(axis.start + index * axis.step for index in range(steps)), axis.end]


def positions_back(axis: Axis) -> list[float]:
    if isinstance(axis, Values):
        return positions(axis)[::-1]
    return positions(axis.model_copy(update={"start": axis.end, "end": axis.start, "step": -axis.step}))


def model(axes: list[Axis]) -> list[tuple[float, ...]]:
    """Go through a grid step by step, turning each axis that snakes whenever it has run."""
    turned = [False] * len(axes)

    def run(level: int, so_far: tuple[float, ...]) -> Iterator[tuple[float, ...]]:
        if level == len(axes):
            yield so_far
            return
        axis = axes[level]
        order = positions_back(axis) if turned[level] else positions(axis)
        turned[level] ^= axis.snake
        for position in order:
            yield from run(level + 1, (*so_far, position))

    return list(run(0, ()))


def logged_points(client: ScanClient, scan: GridScan) -> list[tuple[float, ...]]:
    """Have the server perform a scan, and return the positions of its axes at each point."""
    scan_id = client.submit(scan, "Grid")
    client.wait_until_done(scan_id, timeout=60)
    data = client.get_data(scan_id)
    return list(zip(*(data[name].value.tolist() for name in scan.devices), strict=True))


def test_the_server_logs_the_points_that_were_promised(scan_client: ScanClient) -> None:
    @settings(max_examples=25)
    @example([Range("motor_x", 1, 3), Range("motor_y", 0, 2, 0.75, snake=True)])
    @example([Values("motor_x", [1, 5, 2]), Range("motor_y", 0, 2, snake=True)])
    @example([Values("motor_x", [1, 5]), Range("motor_y", 0, 2), Range("setpoint", 0, 1, snake=True)])
    @example(
        [Range("motor_x", 1, 2), Values("motor_y", [1, 3], snake=True), Range("setpoint", 0, 2, snake=True)]
    )
    @example([Range("motor_x", 1, 3), Values("motor_y", [1, 3]), Range("setpoint", 0, 1, snake=True)])
    @given(grids())
    def check(axes: list[Axis]) -> None:
        scan = GridScan(axes)
        found = logged_points(scan_client, scan)
        assert found == model(axes)
        assert len(found) == scan.points

    check()

"""The numbers of a simulation are those that one gets by going through each step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk.models import (
    Comment,
    Delay,
    If,
    Log,
    Loop,
    Parallel,
    PvConfig,
    ScanConfig,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.simulation import SimulationEnds, simulate
from scan_sdk.simulation.counting import count
from scan_sdk.simulation.devices import SimulatedDevices, initial_number
from scan_sdk.simulation.performance import Kind, Performance, Program

CONFIG = ScanConfig(
    pvs=(
        PvConfig(name="a", slew_rate=0.5),
        PvConfig(name="b", slew_rate=2.0),
        PvConfig(name="c", minimum="loc://low(-6)", maximum="loc://high(6)"),
    )
)
DEVICES = st.sampled_from("abcd")
NUMBERS = st.integers(-4, 4).map(float)
LEAVES = st.one_of(
    st.just(Log("a", "b")),
    st.integers(0, 3).map(Delay),
    st.just(Comment("c")),
    st.builds(
        lambda device, value, wait: Set(device, value, readback=wait),
        DEVICES,
        NUMBERS | st.just("text"),
        st.booleans(),
    ),
    st.builds(
        lambda device, value, how: Wait(device, value, comparison=how),
        DEVICES,
        NUMBERS,
        st.sampled_from(["=", ">", "increase by", "decrease by"]),
    ),
)


def held(commands):
    bodies = st.lists(commands, max_size=3)
    return st.one_of(
        st.builds(
            lambda device, start, end, step, body, wait: Loop(device, start, end, step, body, readback=wait),
            DEVICES,
            NUMBERS,
            NUMBERS.map(lambda number: 4 * number),
            st.sampled_from([1.0, -1.0, 0.75, -3.0]),
            bodies,
            st.booleans(),
        ),
        bodies.map(Sequence),
        bodies.map(Parallel),
        st.builds(lambda device, body: If(device, "=", 1, body), DEVICES, bodies),
    )


COMMANDS = st.lists(st.recursive(LEAVES, held, max_leaves=8), max_size=4)


class Slow(Performance):
    """Goes through each step, and adds up."""

    def __init__(self):
        self.points = self.units = 0
        self.seconds = dict.fromkeys(Kind, 0.0)
        self.devices = {}
        self.loops = {}
        self.inside = []

    def step(self, node, kind, seconds, text, units):
        self.seconds[kind] += seconds
        if node.device is not None:
            known = self.devices.setdefault((node.device.name, kind), [0, 0.0])
            known[0] += 1
            known[1] += seconds
        logs = isinstance(node.command, Log)
        self.points += logs
        for address in self.inside:
            self.loops[address][2] += logs
            self.loops[address][3] += seconds
        self.units += not isinstance(node.command, If | Loop)
        self.units += isinstance(node.command, Loop) and not node.body

    def mark(self, text):
        pass

    def parallel(self, node):
        self.perform(node.body)
        self.units += 1

    def sequence(self, node):
        self.units += 1
        self.perform(node.body)

    def loop(self, node, command):
        self.loops.setdefault(node.address, [0, 0, 0, 0.0])[0] += 1
        self.inside.append(node.address)
        super().loop(node, command)
        self.inside.pop()

    def loop_step(self, node, command, value):
        self.loops[node.address][1] += 1
        super().loop_step(node, command, value)


def nodes(commands, config=CONFIG):
    return Program(SimulatedDevices(config, initial_number), None).nodes(commands, {})


def count_all(commands):
    return count(nodes(commands)).whole


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@given(COMMANDS)
def test_the_numbers_are_those_of_going_through_each_step(commands):
    result = simulate(commands, CONFIG)
    slow = Slow()
    problems = ()
    try:
        slow.perform(nodes(commands))
    except SimulationEnds as error:  # a value outside limits
        problems = (str(error),)
    assert result.errors == problems
    assert result.points == slow.points
    assert result.work_units == slow.units
    assert result.seconds == close(sum(slow.seconds.values()))
    assert (result.moving, result.waiting, result.delays, result.other) == close(tuple(slow.seconds.values()))
    found = {loop.address: [loop.runs, loop.steps, loop.points, loop.seconds] for loop in result.loops}
    assert found.keys() == slow.loops.keys()
    for address, numbers in found.items():
        assert numbers == close(slow.loops[address])
    for device in result.devices:
        assert (device.moves, device.moving) == close(slow.devices.get((device.device, Kind.MOVE), (0, 0.0)))
        assert (device.waits, device.waiting) == close(slow.devices.get((device.device, Kind.WAIT), (0, 0.0)))
    assert {name for name, _ in slow.devices} == {device.device for device in result.devices}

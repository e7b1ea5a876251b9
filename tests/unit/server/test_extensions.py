"""What extensions add to a server: commands that functions perform, and devices of schemes of their own."""

import asyncio
from contextlib import contextmanager
from typing import ClassVar, Literal

import pytest

from scan_sdk import (
    CommandSequence,
    Comparison,
    Delay,
    ExtensionError,
    Log,
    Loop,
    OtherCommand,
    Parallel,
    ScanClient,
    ScanFailed,
    ScanRejected,
    ScanState,
    Sequence,
    Set,
    _registry,
    extend,
    simulate,
)
from scan_sdk.models import Command
from scan_sdk.models.base import CommandModel, XmlField
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.clock import settle
from scan_sdk.server.devices import Around, Provider, Pv, PvInput, PvName, Reading

from .conftest import values

TABLES = [
    _registry.WORDING,
    _registry.DEVICES,
    _registry.PERFORMING,
    _registry.SIMULATING,
    _registry.WORK_UNITS,
]


class Dump(CommandModel):
    """Put the beam somewhere else."""

    _XML_TAG: ClassVar[str] = "beam_dump"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("mode", "mode", "number", default=0.0),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("mode",)

    command: Literal["beam_dump"] = "beam_dump"
    mode: float
    error_handler: str = ""


@contextmanager
def registered(model, *devices):
    extend.command(model)
    extend.uses(model)(lambda _: devices)
    yield
    _registry.COMMANDS.remove(model.model_fields["command"].default)
    for table in TABLES:
        table.forget(model)


@pytest.fixture
def dump():
    """The command, registered as long as the test takes, with a device of the demo."""
    with registered(Dump, "setpoint"):
        yield


@pytest.fixture
def dump_xy():
    """The same with two devices of the engine of tests."""
    with registered(Dump, "x", "y"):
        yield


@pytest.fixture
def server():
    with EmbeddedServer(clock="virtual") as running:
        yield running


@pytest.fixture
def client(server):
    with ScanClient(url=server.url) as made:
        yield made


def test_a_function_performs_a_command_with_the_devices_of_the_scan(dump, client):
    @extend.performs(Dump, work_units=3)
    async def perform(command: Dump, scan: extend.ScanAccess) -> None:
        await scan.write("setpoint", command.mode, readback=True)
        await scan.sleep(2)
        await scan.log("setpoint")
        await scan.log_value("doubled", 2 * float(await scan.read("setpoint")))
        scan.message(f"dumped to {scan.resolve('$(where=the floor)')}")

    scan_id = client.submit([Dump(3), Delay(1)])
    info = client.wait_until_done(scan_id, timeout=30)
    assert (info.total_work_units, info.performed_work_units) == (4, 4)
    assert info.runtime.total_seconds() >= 3
    data = client.get_data(scan_id)
    assert (data["setpoint"].value.tolist(), data["doubled"].value.tolist()) == ([3.0], [6.0])


def test_a_failure_of_the_function_is_that_of_the_scan_and_names_the_command(dump, client):
    @extend.performs(Dump)
    async def perform(command: Dump, scan: extend.ScanAccess) -> None:
        if command.mode:
            raise extend.CommandFailed("the dump is full")
        raise KeyError("mode")

    for mode, reason in (1, "the dump is full"), (0, "Dump: KeyError: 'mode'"):
        with pytest.raises(ScanFailed) as caught:
            client.wait_until_done(client.submit([Delay(1), Dump(mode)]), timeout=30)
        assert caught.value.info.error == reason
        assert caught.value.address == 1
    assert client.wait_until_done(client.submit(Delay(1)), timeout=30).state is ScanState.FINISHED


def test_next_pause_and_abort_work_while_a_function_waits(dump):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        await scan.sleep(3600)
        await scan.write("setpoint", 7)

    with EmbeddedServer() as running, ScanClient(url=running.url) as client:
        scan_id = client.submit([Dump(1), Log("setpoint")])
        for info in client.watch(scan_id):
            if info.address == 0:
                break
        assert client.pause(scan_id).state is ScanState.PAUSED
        client.resume(scan_id)
        client.next_command(scan_id)
        client.wait_until_done(scan_id, timeout=30)
        assert client.get_data(scan_id)["setpoint"].value.tolist() != [7.0]
        scan_id = client.submit(Parallel(Dump(1)))
        for info in client.watch(scan_id):
            if info.address == 1:
                break
        assert client.abort(scan_id).state is ScanState.ABORTED


def test_a_device_that_the_command_did_not_name_is_not_there(dump, client):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        await scan.read("motor_x")

    with pytest.raises(ScanFailed, match="motor_x"):
        client.wait_until_done(client.submit(Dump(1)), timeout=30)


def test_what_nobody_performs_is_refused_at_submit(dump, client):
    for command, tag in (Dump(1), "beam_dump"), (OtherCommand("<shutter_dance/>"), "shutter_dance"):
        with pytest.raises(ScanRejected, match=f"unknown command <{tag}>"):
            client.submit([Delay(1), Loop("motor_x", 1, 2, 1, command)])
        with pytest.raises(ScanRejected, match=f"unknown command <{tag}>"):
            client.simulate(command)


def test_a_subclass_is_performed_as_its_base(client):
    class Move(Set): ...

    scan_id = client.submit([Move("setpoint", 5), Log("setpoint")])
    client.wait_until_done(scan_id, timeout=30)
    assert client.get_data(scan_id)["setpoint"].value.tolist() == [5.0]


def test_a_command_says_how_long_it_takes_in_a_simulation(dump, client):
    extend.performs(Dump)(lambda command, scan: scan.sleep(command.mode))
    assert simulate(Dump(3)).seconds == pytest.approx(0.1)
    extend.simulates(Dump)(lambda command, _: 10 * command.mode)
    extend.describes(Dump)(lambda command: f"Dump the beam, mode {command.mode:g}")
    found = simulate([Dump(3), Delay(2)])
    assert found.seconds == pytest.approx(32)
    assert "00:00:00 - Dump the beam, mode 3" in found.log
    assert client.simulate([Dump(3), Delay(2)]).seconds == pytest.approx(32)


class Repeat(CommandModel):
    """Perform commands several times."""

    _XML_TAG: ClassVar[str] = "repeat"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("times", "times", "number"),
        XmlField("body", "body", "body"),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("times",)
    _TRAILING: ClassVar[str | None] = "body"

    command: Literal["repeat"] = "repeat"
    times: float
    body: tuple[Command, ...] = ()


@pytest.fixture
def repeat():
    """A command with a body, registered as long as the test takes."""
    with registered(Repeat):

        @extend.performs(Repeat, work_units=lambda command, body: 1 + int(command.times) * body)
        async def perform(command: Repeat, scan: extend.ScanAccess) -> None:
            for _ in range(int(command.times)):
                await scan.perform_body()

        @extend.simulates(Repeat)
        def simulate_it(command: Repeat, simulation: extend.SimulationAccess) -> None:
            for _ in range(int(command.times)):
                simulation.perform_body()

        yield


async def test_a_body_that_is_performed_several_times_counts_each_time(repeat, rig):
    scan = await rig.submit(Repeat(3, Set("x", 1), Delay(1)), Log("x"))
    shown = [scan.info().performed_work_units]
    while not scan.is_done:
        await rig.clock.advance(1)
        shown.append(scan.progress.counted)
        if scan.progress.counted == scan.progress.total:
            await rig.until_done(scan)
    assert (shown[:3], shown[-1], scan.info().total_work_units) == ([1, 3, 5], 8, 8)
    assert [address for address, _ in CommandSequence(Repeat(3, Delay(1)), Log("x")).walk()] == [0, 1, 2]


def test_a_body_that_is_simulated_several_times_counts_each_time(repeat):
    found = simulate(Loop("x", 1, 100, 1, Repeat(3, Set("y", 1), Delay(1), Log("x"))))
    assert (found.points, found.work_units) == (300, 100 * (1 + 3 * 3))
    assert found.delays == pytest.approx(300)


def test_where_an_extension_takes_a_device_is_known_to_what_follows(dump):
    @extend.simulates(Dump)
    def simulate_it(command: Dump, simulation: extend.SimulationAccess) -> None:
        device = simulation.device("setpoint")
        simulation.step(1.0)
        device.move(device.value + command.mode if device.value == device.value else command.mode)

    # Each step takes longer than the one before it: none may be taken for another
    commands = [Set("setpoint", 0), Loop("x", 1, 5, 1, Dump(1), Set("setpoint", 0, readback=True))]
    assert simulate(commands).seconds == pytest.approx(5 * (1 + 1 / 0.05))
    growing = [Set("setpoint", 0), Loop("x", 1, 5, 1, Dump(1)), Set("setpoint", 0, readback=True)]
    assert simulate(growing).seconds == pytest.approx(5 + 5 / 0.05)


def test_a_simulation_ends_where_an_extension_breaks_or_hides_a_device(dump):
    @extend.simulates(Dump)
    def simulate_it(command: Dump, simulation: extend.SimulationAccess) -> None:
        simulation.step(1.0, "before")
        if command.mode:
            simulation.device("motor_x")
        raise KeyError("mode")

    for mode, reason in (1, "uses 'motor_x', and does not say so"), (0, "Dump: KeyError: 'mode'"):
        found = simulate([Dump(mode), Delay(1)])
        assert any(reason in error for error in found.errors)
        assert "before" in found.log
        assert "Delay" not in found.log


async def test_a_function_has_all_that_commands_can_do(dump_xy, rig, caplog):
    caplog.set_level("INFO", "scan_sdk.server")
    seen = []

    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        scan.log_writes(True)
        await scan.write("x", 3, readback="y", readback_value=5, timeout=10)
        await scan.wait("y", 6, Comparison.AT_LEAST, timeout=10)
        scan.log_writes(False)
        await scan.perform(Set("x", 7), Log("x"))
        seen.append(scan.time)
        scan.message(scan.resolve("at $(axis)"))

    others = Sequence(Delay(1), Set("y", 5), Delay(1), Set("y", 6))
    scan = await rig.submit(Parallel(Dump(1), others))
    await rig.clock.advance(3)
    await rig.until_done(scan)
    assert scan.state is ScanState.FINISHED, scan.info()
    assert values((await rig.data(scan))["x"])[-1] == "7.0"
    assert values((await rig.data(scan))["y"])[0] == "5.0"
    assert seen == [rig.clock.time() - 1]
    assert "at x" in caplog.messages


async def test_a_pause_holds_a_function_back_before_it_does_the_next_thing(dump_xy, rig):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        for value in 1, 2:
            await scan.write("x", value)
            await scan.wait("x", 10 * value)

    scan = await rig.submit(Dump(1))
    assert scan.info().command.endswith(". Elapsed: 00:00:00.000")
    scan.pause()
    await scan.devices["x"].write(10.0)
    await settle()
    assert (await scan.devices["x"].read()).value == 10.0
    scan.resume()
    await settle()
    assert (await scan.devices["x"].read()).value == 2.0
    scan.skip()
    await rig.until_done(scan)
    assert scan.state is ScanState.FINISHED


async def test_a_function_that_sleeps_shows_what_is_left(dump_xy, rig):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        await scan.sleep(90)

    scan = await rig.submit(Dump(1))
    assert scan.info().command.endswith(". Remaining: 00:01:30")
    await rig.clock.advance(60)
    assert scan.info().command.endswith(". Remaining: 00:00:30")
    scan.abort()
    await rig.until_done(scan)


@pytest.mark.parametrize("then", ["return", "raise KeyError", "raise extend.CommandFailed('no')"])
async def test_a_function_cannot_keep_a_scan_from_being_aborted(dump_xy, rig, then):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        try:
            await scan.sleep(90)
        except asyncio.CancelledError:
            if then != "return":
                exec(then)

    scan = await rig.submit(Dump(1), Set("x", 1))
    scan.abort()
    await rig.until_done(scan)
    assert (scan.state, scan.info().error) == (ScanState.ABORTED, "Aborted")
    assert "x" not in await rig.data(scan)


def test_a_function_that_wants_to_end_the_program_fails_its_scan(dump, client):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        raise SystemExit(3)

    with pytest.raises(ScanFailed, match="Dump: SystemExit: 3"):
        client.wait_until_done(client.submit(Dump(1)), timeout=30)
    assert client.wait_until_done(client.submit(Delay(1)), timeout=30).state is ScanState.FINISHED


def test_what_a_function_performs_has_to_be_known(dump, client):
    @extend.performs(Dump)
    async def perform(_: Dump, scan: extend.ScanAccess) -> None:
        await scan.perform(OtherCommand("<shutter_dance/>"))

    with pytest.raises(ScanFailed, match="unknown command <shutter_dance>"):
        client.wait_until_done(client.submit(Dump(1)), timeout=30)


# -- devices ------------------------------------------------------------------------------------------------


class Memo(Pv):
    """A variable that remembers what was written to any of its name."""

    def __init__(self, name: PvName, around: Around) -> None:
        super().__init__(Reading(name.arguments or "", 0))
        self._around = around

    async def write(self, value: PvInput) -> None:
        self.update(Reading(f"noted: {value}", round(1000 * self._around.clock.time())))


class Memos(Provider):
    def __init__(self, around: Around) -> None:
        self._around = around

    def create(self, name: PvName) -> Pv:
        return Memo(name, self._around)


SCAN = [Log("memo://a(x)"), Set("memo://a(x)", "hello"), Log("memo://a(x)")]


def noted(client):
    scan_id = client.submit(SCAN)
    client.wait_until_done(scan_id, timeout=30)
    return client.get_data(scan_id)["memo://a(x)"].value.tolist()


def test_a_server_is_given_devices_of_a_scheme_of_its_own():
    with (
        EmbeddedServer(clock="virtual", devices={"memo": Memos}) as running,
        ScanClient(url=running.url) as made,
    ):
        assert noted(made) == ["x", "noted: hello"]


def test_devices_that_are_registered_are_in_every_server_that_is_started_then():
    extend.device("memo", Memos)
    try:
        with EmbeddedServer(clock="virtual") as running, ScanClient(url=running.url) as made:
            assert noted(made) == ["x", "noted: hello"]
        with pytest.raises(ExtensionError, match="'memo' is that of"):
            EmbeddedServer(devices={"memo": Memos})
    finally:
        _registry.SCHEMES.remove("memo")


def test_a_scheme_of_this_package_cannot_be_taken():
    with pytest.raises(ExtensionError, match="the scheme of devices 'loc' is that of scan_sdk already"):
        EmbeddedServer(devices={"loc": Memos})
    with pytest.raises(ExtensionError, match=r"the scheme of devices 'loc' of .* is that of scan_sdk"):
        extend.device("loc", Memos)


def test_devices_that_cannot_be_made_are_named_and_the_others_work(caplog):
    def broken(_: Around) -> Provider:
        raise RuntimeError("no licence")

    with (
        EmbeddedServer(clock="virtual", devices={"memo": broken}) as running,
        ScanClient(url=running.url) as made,
    ):
        assert "there are no devices of the scheme memo" in caplog.text
        assert "no licence" in caplog.text
        with pytest.raises(ScanFailed, match="unknown PV type 'memo'"):
            made.wait_until_done(made.submit(SCAN), timeout=30)
        assert made.wait_until_done(made.submit(Set("setpoint", 1)), timeout=30).state is ScanState.FINISHED


def test_only_commands_with_an_element_are_registered():
    class Bare(CommandModel): ...

    with pytest.raises(ExtensionError, match="Bare has no element"):
        extend.command(Bare)
    with pytest.raises(ExtensionError, match="the command 'set' of"):

        @extend.command
        class Clash(CommandModel):
            _XML_TAG: ClassVar[str] = "set"


class Broken(Pv):
    """A variable whose code has mistakes."""

    async def read(self) -> Reading:
        raise RuntimeError("bus error")

    async def write(self, value: PvInput) -> None:
        raise KeyError(value)


class BrokenProvider(Provider):
    def __init__(self, _: Around) -> None:
        pass

    def create(self, name: PvName) -> Pv:
        if not name.base:
            raise TypeError("a name is wanted")
        return Broken(Reading(0.0, 0))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Log("odd://sys/tg/1"), "Failed to read odd://sys/tg/1: RuntimeError: bus error"),
        (Set("odd://x", 5), "Failed to write 5.0 to odd://x: KeyError: 5.0"),
        (Set("odd://x", 5, completion=True), "Failed to write 5.0 to odd://x: KeyError: 5.0"),
        (Log("odd://"), "Error for PV odd://: TypeError: a name is wanted"),
    ],
)
def test_mistakes_in_the_code_of_a_device_fail_the_scan_and_say_what_they_are(command, reason):
    with (
        EmbeddedServer(clock="virtual", devices={"odd": BrokenProvider}) as running,
        ScanClient(url=running.url) as made,
    ):
        with pytest.raises(ScanFailed) as caught:
            made.wait_until_done(made.submit(command), timeout=30)
        assert caught.value.info.error == reason
        assert made.wait_until_done(made.submit(Set("setpoint", 1)), timeout=30).state is ScanState.FINISHED


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("tango://sys/tg_test/1/ampli", PvName("tango", "sys/tg_test/1/ampli")),
        ("opc://ns=2;s=x<int>(1, 2)", PvName("opc", "ns=2;s=x", "int", "1, 2")),
        ("loc://x/y(1)", PvName("loc", "x")),
        ("ca://x(1)", PvName("ca", "x(1)")),
    ],
)
def test_names_of_further_schemes_are_kept_whole_but_for_brackets(name, parsed):
    assert PvName.parse(name) == parsed

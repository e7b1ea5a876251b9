"""What extensions add to a server: commands that functions perform, and devices of schemes of their own."""

from typing import ClassVar, Literal

import pytest

from scan_sdk import (
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
    Set,
    _registry,
    extend,
    simulate,
)
from scan_sdk.models.base import CommandModel, XmlField
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.devices import Around, Provider, Pv, PvInput, PvName, Reading

TABLES = [_registry.WORDING, _registry.DEVICES, _registry.PERFORMING, _registry.SIMULATING]


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


@pytest.fixture
def dump():
    """The command, registered as long as the test takes."""
    extend.command(Dump)
    extend.uses(Dump)(lambda command: ("setpoint",))
    yield Dump
    _registry.COMMANDS.remove("beam_dump")
    for table in TABLES:
        table.forget(Dump)


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
    extend.simulates(Dump)(lambda command: 10 * command.mode)
    extend.describes(Dump)(lambda command: f"Dump the beam, mode {command.mode:g}")
    found = simulate([Dump(3), Delay(2)])
    assert found.seconds == pytest.approx(32)
    assert "00:00:00 - Dump the beam, mode 3" in found.log
    assert client.simulate([Dump(3), Delay(2)]).seconds == pytest.approx(32)


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

"""The client of old scripts."""

from __future__ import annotations

import logging
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict, TypeVar

from scan_sdk._dialect.java import parse_value
from scan_sdk._protocol import flows, operations
from scan_sdk._protocol.operations import Operation, WholeReply
from scan_sdk._protocol.options import check_id
from scan_sdk._protocol.steps import Timing
from scan_sdk._wire.log import LogReader
from scan_sdk.client import ScanClient as ModernClient
from scan_sdk.errors import CommandRefused, ScanLogged, ScanOutcomeError
from scan_sdk.pyscan.command import as_commands
from scan_sdk.pyscan.conversion import modern_all
from scan_sdk.pyscan.logdata import as_dictionary
from scan_sdk.pyscan.scaninfo import ScanInfo
from scan_sdk.sequence import CommandSequence as ModernSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from datetime import datetime

    from scan_sdk import models
    from scan_sdk._protocol.operations import ReplyReader
    from scan_sdk.pyscan.command import Commands
    from scan_sdk.pyscan.logdata import LogData

__all__ = ["ScanClient", "Simulation"]

T = TypeVar("T")

_logger = logging.getLogger("scan_sdk.pyscan")

_TIMEOUT = 60.0
"""Seconds that a call may take where PyScanClient waits for ever (trap 5)."""
_PATIENCE = 300.0
"""Seconds for which `waitUntilDone` rides out a lost connection."""
_ALL = -1


class Simulation(TypedDict):
    """What a scan would do."""

    simulation: str
    """The text, a line for each step."""
    seconds: float
    """How long it would take."""


class ScanClient:
    """Talks to a scan server as PyScanClient does.

    What goes wrong is raised as an error of `scan_sdk`, all of which are `Exception`. Every call but
    `waitUntilDone` is answered within a time, or fails. Where the server would say yes and do nothing, such
    as to the pause of a scan that is done, that is logged as a warning.

    Modern: `scan_sdk.ScanClient(host, port)`. One that uses the same connections is the attribute `modern`.

    Args:
        host: Name or address of the server.
        port: TCP port of the server.

    Attributes:
        modern: The client of `scan_sdk` that does the work.

    Raises:
        pydantic.ValidationError: There can be no such host or port.
    """

    def __init__(self, host: str = "localhost", port: int | str = 4810) -> None:
        self._host = host
        self._port = int(port)
        self._client = _AnsweringClient(host, self._port, timeout=_TIMEOUT)
        self.modern: ModernClient = self._client
        weakref.finalize(self, self._client.close)  # old scripts close nothing

    def __repr__(self) -> str:
        return f"ScanClient('{self._host}', {self._port})"

    # -- the server -----------------------------------------------------------------------------------------

    def serverInfo(self) -> str:
        """Return the server's version, configuration and memory, as XML.

        Modern: `client.server_info()`.
        """
        return self._client.text("/server/info")

    # -- submitting -----------------------------------------------------------------------------------------

    def simulate(self, cmds: Commands | str | bytes) -> Simulation:
        """Return what a scan would do, and how long it would take, by the server's reckoning.

        Modern: `client.simulate(commands)`, with `log` and `seconds`.

        Args:
            cmds: As for `submit`.

        Raises:
            InvalidCommands: The server would refuse one of the commands.
            ScanRejected: The server refuses them.
        """
        result = self._client.simulate(_modern(cmds))
        return {"simulation": result.log, "seconds": result.seconds}

    def submit(
        self,
        cmds: Commands | str | bytes,
        name: str = "UnNamed",
        queue: bool = True,
        timeout: float = 0,
        deadline: str | datetime | None = None,
        pre_post: bool = True,
    ) -> int:
        """Submit a scan and return its id.

        Modern: `client.submit(commands, name, …)`.

        Args:
            cmds: Commands, lists of them, or the text of an XML document.
            name: What the scan is called.
            queue: Whether it waits for its turn; else it runs at once, beside those that run.
            timeout: Time after which the server aborts it, in whole seconds; 0 for never.
            deadline: When the server aborts it, as `YYYY-MM-DD HH:MM:SS` or as a datetime, in the server's
                local time.
            pre_post: Whether the pre- and post-scan commands of the server's configuration run with it.

        Raises:
            InvalidCommands: The server would refuse one of the commands.
            ScanRejected: The server refuses them.
            pydantic.ValidationError: Another argument cannot be right.
        """
        return self._client.submit(
            _modern(cmds),
            name,
            queue=bool(queue),
            timeout=timeout if timeout > 0 else None,
            deadline=deadline,
            pre_post=bool(pre_post),
        )

    # -- asking ---------------------------------------------------------------------------------------------

    def scanInfos(self, timeout: float | None = 20) -> list[ScanInfo]:
        """Return all scans that the server knows, the most recent first.

        Modern: `client.scan_infos()`.

        Args:
            timeout: Seconds that it may take.
        """
        return [ScanInfo.of(info) for info in self._client.all_within(timeout)]

    def scanInfo(self, scanID: int | str, timeout: float | None = 10) -> ScanInfo:
        """Return how a scan is.

        Modern: `client.scan_info(scan_id)`.

        Args:
            scanID: The scan.
            timeout: Seconds that it may take.

        Raises:
            UnknownScan: There is no such scan. So for all calls with an id.
        """
        return ScanInfo.of(self._client.one_within(check_id(int(scanID)), timeout))

    def scanCmds(self, scanID: int | str) -> str:
        """Return the commands of a scan as the server holds them, as XML; it can be submitted again.

        Modern: `client.scan_commands(scan_id)`.

        Raises:
            ServerError: The server holds no commands of the scan: it is `Logged`.
        """
        return self._client.text("/scan/{}/commands", check_id(int(scanID)))

    def scanDevices(self, scanID: int | str = _ALL) -> str:
        """Return the devices that a scan uses, as XML; without id those of the server's configuration.

        Modern: `client.scan_devices(scan_id)`.
        """
        scan_id = int(scanID)
        if scan_id == _ALL:
            return self._client.text(f"/scan/{_ALL}/devices")
        return self._client.text("/scan/{}/devices", check_id(scan_id))

    def lastSerial(self, scanID: int | str) -> int:
        """Return the serial of the last sample that a scan has logged, -1 where there is none.

        Modern: `client.last_serial(scan_id)`.
        """
        return self._client.last_serial(int(scanID))

    def getData(self, scanID: int | str) -> LogData:
        """Return all that a scan has logged so far: by device its `id`, `time` and `value`, as lists.

        Modern: `client.get_data(scan_id)`, with columns of numpy.
        """
        return self._client.log(check_id(int(scanID)))

    # -- waiting --------------------------------------------------------------------------------------------

    def waitUntilDone(self, scanID: int | str) -> ScanInfo:
        """Wait until a scan has finished, and return how it is then.

        A scan from before a restart of the server (`Logged`) counts as finished. A connection that is lost is
        waited for, for five minutes, once the scan was seen.

        Modern: `client.wait_until_done(scan_id)`.

        Raises:
            ScanFailed: The scan failed; the text ends with the server's reason.
            ScanAborted: It was aborted.
            UnknownScan: There is no such scan.
            TransportError: The server cannot be reached.
        """
        try:
            return ScanInfo.of(self._client.wait_until_done(int(scanID), patience=_PATIENCE))
        except ScanLogged as error:
            return ScanInfo.of(error.info)
        except ScanOutcomeError as error:
            error.args = (_what_became(error),)
            raise

    # -- steering -------------------------------------------------------------------------------------------

    def pause(self, scanID: int | str = _ALL) -> None:
        """Pause a running scan before its next command; without id all that run.

        Modern: `client.pause(scan_id)` or `client.pause_all()`.
        """
        scan_id = int(scanID)
        with _without_effect():
            self._client.pause_all() if scan_id == _ALL else self._client.pause(scan_id)

    def resume(self, scanID: int | str = _ALL) -> None:
        """Resume a paused scan; without id all that are paused.

        Modern: `client.resume(scan_id)` or `client.resume_all()`.
        """
        scan_id = int(scanID)
        with _without_effect():
            self._client.resume_all() if scan_id == _ALL else self._client.resume(scan_id)

    def abort(self, scanID: int | str = _ALL) -> None:
        """Abort a scan; without id the current ones: those that run or are paused, not those that wait.

        The server itself would abort those that wait in the queue, too (trap 7).

        Modern: `client.abort(scan_id)`, or `client.abort_all()`, which does abort those that wait.
        """
        scan_id = int(scanID)
        current = [scan_id]
        if scan_id == _ALL:
            current = [info.id for info in self._client.scan_infos() if info.state.is_active]
        for one in current:
            with _without_effect():
                self._client.abort(one)

    def patch(self, scanID: int | str, address: int, property: str, value: float | str) -> None:  # noqa: A002  # it was called so
        """Change a property of a command that is yet to be performed.

        Text that looks like a number is one, unless it stands in double quotes.

        Modern: `client.patch(scan_id, address, property, value)`.

        Args:
            scanID: The scan.
            address: The command, counted from 0.
            property: What to change, such as `value`.
            value: The new value.

        Raises:
            CommandRefused: There is no such command or property, or it takes no such value.
        """
        with _without_effect():
            self._client.patch(int(scanID), address, property, parse_value(str(value)))

    def delete(self, scanID: int | str) -> None:
        """Remove a scan that is done from the server, and its data.

        Modern: `client.delete(scan_id)`.
        """
        with _without_effect():
            self._client.delete(int(scanID))

    def clear(self) -> None:
        """Remove all scans that are done from the server, and their data.

        Modern: `client.clear()`.
        """
        self._client.clear()


class _AnsweringClient(ModernClient):
    """The modern client, which also hands out answers in the forms that old scripts want."""

    def one_within(self, scan_id: int, timeout: float | None) -> models.ScanInfo:
        """Return how a scan is, in a time of its own."""
        return self._run(flows.look(self._within(timeout), scan_id))

    def all_within(self, timeout: float | None) -> tuple[models.ScanInfo, ...]:
        """Return how all scans are, in a time of their own."""
        return self._run(flows.ask(self._within(timeout), operations.scan_infos()))

    def _within(self, timeout: float | None) -> Timing:
        return Timing(timeout) if timeout else self._timing

    def text(self, target: str, scan_id: int | None = None) -> str:
        """Return an answer as it comes, which is UTF-8 (trap 8)."""
        decode = _read_as(lambda body: body.decode("utf-8", "replace"))
        path = target.format(scan_id)
        operation = Operation("GET", path, decode, repeatable=True, limit=None, scan_id=scan_id)
        return self._run(flows.ask_of_scan(self._timing, operation))

    def log(self, scan_id: int) -> LogData:
        """Return all that a scan has logged."""
        operation: Operation[LogData] = Operation(
            "GET",
            f"/scan/{scan_id}/data",
            _DataReply,
            repeatable=True,
            limit=None,
            streamed=True,
            scan_id=scan_id,
        )
        return self._run(flows.ask_of_scan(self._timing, operation))


def _read_as(decode: Callable[[bytes], T]) -> Callable[[Mapping[str, str]], ReplyReader[T]]:
    return lambda _: WholeReply(decode)


class _DataReply:
    """Reads logged data as it arrives, into lists."""

    def __init__(self, _: Mapping[str, str]) -> None:
        self._log = LogReader()

    def feed(self, chunk: bytes, /) -> None:
        """Read the next piece."""
        self._log.feed(chunk)

    def close(self) -> LogData:
        """Return the lists."""
        return as_dictionary(self._log.close())


def _what_became(error: ScanOutcomeError) -> str:
    """Return what old scripts look for in the text of an error, and then place and reason (trap 2)."""
    info = error.info
    reason = str(error).removeprefix(f"scan {info.id} '{info.name}' {info.state}")
    return f"{ScanInfo.of(info)}{'' if reason == f': {info.state}' else reason}"


@contextmanager
def _without_effect() -> Generator[None]:
    """Log, rather than raise, that a call had no effect: PyScanClient says nothing then (trap 30)."""
    try:
        yield
    except CommandRefused as error:
        if error.__cause__ is not None:  # the server itself has refused
            raise
        _logger.warning("%s", error)


def _modern(commands: Commands | str | bytes) -> ModernSequence:
    """Return what the server would make of the commands."""
    if isinstance(commands, str | bytes):
        return ModernSequence.from_xml(commands)
    return ModernSequence(modern_all(as_commands(commands)))

"""The blocking client of a scan server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scan_sdk._http import Transport
from scan_sdk._protocol import aligning, control, flows, operations, outcomes, patching
from scan_sdk._protocol.client_base import ClientBase
from scan_sdk._protocol.drivers import run
from scan_sdk._protocol.following import Follow
from scan_sdk._protocol.options import AlignOptions, SubmitOptions, WaitOptions, check_id, check_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta
    from typing import Literal, Self, SupportsIndex

    from scan_sdk._documents import CommandsLike
    from scan_sdk._protocol.connection import Connection
    from scan_sdk._protocol.steps import Flow
    from scan_sdk.compose.alignment import Alignment, AlignmentResult
    from scan_sdk.data import ScanData
    from scan_sdk.estimates import TimeLeft
    from scan_sdk.models import Comparison, DeviceInfo, ScanConfig, ScanInfo, ScanServerInfo, SimulationResult
    from scan_sdk.sequence import CommandSequence

T = TypeVar("T")


class ScanClient(ClientBase):
    """Talks to a scan server, and waits for each answer.

    One client keeps its connections open between calls: make one and keep it, or use it as a context manager.
    It may be shared by threads. Nothing is connected before the first call.

    Every request is answered within `timeout` or fails; only the data of `get_data` may take their time, as
    long as they keep coming. Most calls are one request, those that steer a scan two to four. A request whose
    connection fails is sent again, twice at most and at once, where that cannot do harm: a scan is never
    submitted twice. No proxy is used, whatever the environment says, and no redirect is followed.

    Args:
        host: Name or address of the server.
        port: TCP port of the server.
        url: Address of the server in place of host and port, for one with https or behind a path, such as
            `https://beamline.example/scan`.
        timeout: Seconds that a request may take. Looking up the host's name is not covered.
        headers: Further HTTP headers for each request.
        auth: User and password, for HTTP basic authentication.
        token: The token of a server that wants one, such as `scan-sdk serve --token`.
        verify: Whether to check the certificate of a server with https; or the path of a file or folder with
            the authorities to trust; or a context of your own.
        timezone: Time zone of the server, for deadlines with a time zone.
        max_reply: Most bytes that an answer may have; a longer one raises `ProtocolError`.

    Raises:
        pydantic.ValidationError: An argument cannot be right.
        OSError: The authorities that `verify` names cannot be read.

    Example:
        >>> from scan_sdk import Comment, ScanClient, Set
        >>> from scan_sdk.server import EmbeddedServer
        >>> with EmbeddedServer() as server, ScanClient(url=server.url) as client:
        ...     scan_id = client.submit([Comment("Hello"), Set("motor_x", 10)], "My First Scan")
        ...     print(client.wait_until_done(scan_id))
        Scan 1 'My First Scan': Finished
    """

    def _prepare(self, connection: Connection) -> None:
        self._transport = Transport(connection)

    def _run(self, flow: Flow[T]) -> T:
        return run(flow, self._transport.exchange)

    def close(self) -> None:
        """Close the connections; the client cannot be used any more."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # -- the server -----------------------------------------------------------------------------------------

    def server_info(self) -> ScanServerInfo:
        """Return the server's version, configuration and memory.

        Raises:
            ConnectError: The server cannot be reached. All calls may raise it.
            ReplyTimeout: The server accepted the request and did not answer in time. All calls may raise it.
            TransportError: The connection broke; `sent` is whether the request may have been performed.
                All calls may raise it.
            ProtocolError: The answer does not come from a scan server. All calls may raise it.
        """
        return self._run(flows.ask(self._timing, operations.server_info()))

    def shutdown_server(self) -> None:
        """Stop the server, and with it all its scans."""
        self._run(flows.ask(self._timing, operations.shutdown()))

    # -- submitting -----------------------------------------------------------------------------------------

    def submit(
        self,
        commands: CommandsLike,
        name: str = "UnNamed",
        *,
        queue: bool = True,
        pre_post: bool = True,
        timeout: float | timedelta | None = None,
        deadline: str | datetime | None = None,
    ) -> int:
        """Submit a scan and return its id.

        Args:
            commands: Commands, in iterables nested as you like; or an XML document; or the path of an `.scn`
                file. Text that begins with `<` is a document, other text a path.
            name: What the scan is called in lists.
            queue: Whether it waits for its turn; else it runs at once, beside those that run.
            pre_post: Whether the pre- and post-scan commands of the server's configuration run with it.
            timeout: Time after which the server aborts it, in whole seconds; None or 0 for never.
            deadline: When the server aborts it: as `YYYY-MM-DD HH:MM:SS` or as a datetime in the server's
                local time. A datetime with a time zone needs the client's `timezone`. Fractions of a second
                are dropped.

        Raises:
            ScanRejected: The server refuses the commands; its reason is in the message, and the place of a
                command that asks for a file or script which is not there.
            InvalidCommands: The document or file cannot be read; with line and column.
            OSError: The file cannot be opened.
            pydantic.ValidationError: An argument cannot be right.
            TransportError: The connection broke. Where `sent` is False the scan is surely not queued; else
                look at `scan_infos()`.
        """
        options = SubmitOptions.check(
            timezone=self._connection.timezone,
            name=name,
            queue=queue,
            pre_post=pre_post,
            timeout=timeout,
            deadline=deadline,
        )
        return self._run(outcomes.submit(self._timing, options, commands, self._origins))

    def simulate(self, commands: CommandsLike) -> SimulationResult:
        """Return what a scan would do, and how long it would take, by the server's reckoning.

        Args:
            commands: As for `submit`.

        Raises:
            ScanRejected: The server refuses the commands; its reason is in the message.
            InvalidCommands: The document or file cannot be read; with line and column.
        """
        return self._run(outcomes.simulate(self._timing, commands))

    # -- asking ---------------------------------------------------------------------------------------------

    def scan_infos(self) -> tuple[ScanInfo, ...]:
        """Return all scans that the server knows, the most recent first."""
        return self._run(flows.ask(self._timing, operations.scan_infos()))

    def scan_info(self, scan_id: SupportsIndex) -> ScanInfo:
        """Return how a scan is.

        Raises:
            UnknownScan: There is no such scan. So for all calls with an id.
        """
        return self._run(flows.look(self._timing, check_id(scan_id)))

    def scan_commands(self, scan_id: SupportsIndex) -> CommandSequence:
        """Return the commands of a scan as they are on the server, with changes by `patch`.

        Raises:
            ServerError: The server has no commands of the scan: it is `Logged` (trap 32).
        """
        operation = operations.scan_commands(check_id(scan_id))
        return self._run(flows.ask_of_scan(self._timing, operation))

    def scan_devices(self, scan_id: SupportsIndex | None = None) -> tuple[DeviceInfo, ...]:
        """Return the devices that a scan uses, or without id those of the server's configuration."""
        operation = operations.scan_devices(None if scan_id is None else check_id(scan_id))
        return self._run(flows.ask_of_scan(self._timing, operation))

    def last_serial(self, scan_id: SupportsIndex) -> int:
        """Return the serial of the last sample that a scan has logged, -1 where there is none.

        It tells cheaply whether there is something new to get.
        """
        return self._run(flows.ask_of_scan(self._timing, operations.last_serial(check_id(scan_id))))

    def get_data(
        self,
        scan_id: SupportsIndex,
        *,
        values: Literal["typed", "text"] = "typed",
        progress: Callable[[int], object] | None = None,
    ) -> ScanData:
        """Return all that a scan has logged so far, as columns for each device.

        Args:
            scan_id: The scan.
            values: "text" leaves all values as the server has written them; "typed" makes float64 of those of
                a device where each of them is a number, or rows where each is a row of numbers.
            progress: Called with the number of bytes that have arrived so far, for each piece of the answer;
                how many there will be is not known. An error that it raises ends the download. The number
                begins anew where a broken connection makes the client ask again.

        Raises:
            ValueError: `values` is neither "typed" nor "text".
        """
        operation = operations.get_data(check_id(scan_id), values, progress)
        return self._run(flows.ask_of_scan(self._timing, operation))

    # -- waiting --------------------------------------------------------------------------------------------

    def wait_until_done(
        self,
        scan_id: SupportsIndex,
        *,
        timeout: float | timedelta | None = None,
        patience: float | timedelta = 30.0,
    ) -> ScanInfo:
        """Wait until a scan has finished, and return its state.

        The server is asked at least once a second, and more often when the end is near.

        Args:
            scan_id: The scan.
            timeout: Seconds to wait at most; 0 looks once. None waits for as long as it takes.
            patience: Seconds for which a lost connection is tried again, once the scan was seen.

        Raises:
            ScanFailed: The scan failed; `info.error` is the reason, `command` what failed, and `source`
                where that was written, if this client has submitted the scan.
            ScanAborted: The scan was aborted, by someone or by its own timeout or deadline.
            ScanLogged: The server was restarted and no longer knows how the scan ended (trap 4).
            WaitTimeout: The time to wait is over; the scan goes on.
            UnknownScan: There is no such scan, or it was deleted meanwhile.
        """
        options = WaitOptions.check(timeout=timeout, patience=patience)
        return self._run(outcomes.wait(self._timing, check_id(scan_id), options, self._origins))

    def watch(self, scan_id: SupportsIndex, *, patience: float | timedelta = 30.0) -> Iterator[ScanInfo]:
        """Yield the state of a scan: at once, each time that something has happened, and when it is done.

        A change of the times alone (`runtime`, `finish`) is not yielded. No error is raised when the scan
        fails or is aborted. If you leave the loop early, nothing stays open.

        Args:
            scan_id: The scan.
            patience: As for `wait_until_done`.
        """
        options = WaitOptions.check(patience=patience)
        watch = flows.Watch(self._timing, check_id(scan_id), options.patience)
        while (info := self._run(watch.change())) is not None:
            yield info

    def follow(
        self,
        scan_id: SupportsIndex,
        *,
        timeout: float | timedelta | None = None,
        patience: float | timedelta = 30.0,
    ) -> Iterator[ScanData]:
        """Yield what a scan logs, as it comes: each sample once, and in order, until the scan is done.

        The first piece has what was logged before. Each has only the devices that have something new, and at
        least one of them; the samples of one Log command come together. `ScanData.concat` joins pieces. The
        end is no error here, however the scan ended: `scan_info` tells. The loop may be left early.

        From the embedded server samples come within a fifth of a second. The server of CS-Studio only sends
        whole logs: at the beginning they are fetched whenever there is something new, later when they have
        grown by half, and at the end. So at most 5 times the final log is moved, and 64 KiB.

        Args:
            scan_id: The scan.
            timeout: Seconds to follow it at most. None follows it for as long as it takes.
            patience: As for `wait_until_done`.

        Raises:
            WaitTimeout: The scan goes on, and the time to follow it is over.
            UnknownScan: There is no such scan, or it was deleted meanwhile.
            ProtocolError: The server's log has not all that it had before.

        Example:
            >>> from scan_sdk import Log, Loop, ScanClient, ScanData
            >>> from scan_sdk.server import EmbeddedServer
            >>> with EmbeddedServer() as server, ScanClient(url=server.url) as client:
            ...     scan_id = client.submit(Loop("motor_x", 1, 3, 1, Log("motor_x"), readback=True))
            ...     pieces = [news for news in client.follow(scan_id)]
            >>> ScanData.concat(pieces)["motor_x"].value
            array([1., 2., 3.])
        """
        options = WaitOptions.check(timeout=timeout, patience=patience)
        follow = Follow(self._timing, check_id(scan_id), options)
        while (news := self._run(follow.news())) is not None:
            yield news

    def time_left(self, scan_id: SupportsIndex, *, config: ScanConfig | None = None) -> TimeLeft:
        """Estimate how long a scan takes until it is done, by its commands and how fast they go.

        Steps that differ in length do not mislead it (trap 35). The oftener it is asked, the better it gets.

        Args:
            scan_id: The scan.
            config: Slew rates of devices, for what was never measured; kept for later calls.
        """
        return self._run(self._knowledge.time_left(self._timing, check_id(scan_id), config))

    def times_left(self, *, config: ScanConfig | None = None) -> dict[int, TimeLeft]:
        """Estimate how long each scan takes until it is done; by id."""
        return self._run(self._knowledge.times_left(self._timing, config))

    def align(
        self,
        alignment: Alignment,
        name: str = "Alignment",
        *,
        move: bool = False,
        min_quality: float = 0.8,
        queue: bool = True,
        pre_post: bool = True,
        timeout: float | timedelta | None = None,
        deadline: str | datetime | None = None,
        patience: float | timedelta = 30.0,
    ) -> AlignmentResult:
        """Run an alignment scan, and return where the peak or edge is; move the device there if asked to.

        The move is a scan of its own, which takes its turn as the first one did. It is only made where the
        peak is in the scanned range and the fit is good. Otherwise the device stays where the scan has left
        it, and `result.moved` and `result.last_position`, or the error, say so. An error in the move has a
        note with what was found.

        Args:
            alignment: What to scan, and what to look for.
            name: What the scan is called in lists.
            move: Whether to move the device to the position that is found.
            min_quality: Quality, from 0 to 1, below which the device is not moved; see `AlignmentResult`.
            queue: As for `submit`, and for both scans. So for the next three.
            pre_post: Whether the server's pre- and post-scan commands run.
            timeout: Time after which the server aborts a scan.
            deadline: When the server aborts a scan.
            patience: As for `wait_until_done`.

        Raises:
            AlignmentFailed: What was logged does not tell where the device belongs; the reason and the data
                are with it.
            ScanFailed: The scan, or the move, failed. In the same way `ScanAborted` and `ScanLogged`.
            ScanRejected: The server refuses the commands; its reason is in the message.

        Example:
            >>> from scan_sdk import Alignment, ScanClient
            >>> from scan_sdk.server import EmbeddedServer
            >>> with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
            ...     result = client.align(Alignment("motor_x", 0, 6, 0.2, signal="signal"), move=True)
            >>> print(f"{result.position:.1f}", result.moved)
            3.0 True
        """
        submission = SubmitOptions.check(
            timezone=self._connection.timezone,
            name=name,
            queue=queue,
            pre_post=pre_post,
            timeout=timeout,
            deadline=deadline,
        )
        options = AlignOptions.check(move=move, min_quality=min_quality, patience=patience)
        return self._run(aligning.align(self._timing, alignment, options, submission, self._origins))

    # -- steering -------------------------------------------------------------------------------------------

    def pause(self, scan_id: SupportsIndex) -> ScanInfo:
        """Pause a running scan before its next command, and return how it is then.

        Raises:
            CommandRefused: It is not running. So for all calls of this section: where the server would say
                yes and do nothing, this is raised, and says how the scan is instead.
        """
        return self._run(control.pause(self._timing, check_id(scan_id)))

    def resume(self, scan_id: SupportsIndex) -> ScanInfo:
        """Resume a paused scan, and return how it is then."""
        return self._run(control.resume(self._timing, check_id(scan_id)))

    def abort(self, scan_id: SupportsIndex) -> ScanInfo:
        """Abort a scan that waits, runs or is paused, and return how it is then.

        It may be running still: the server performs post-scan commands in any case, and `wait_until_done`
        tells when they are over. To abort a scan that is done already is no error, and changes nothing.
        """
        return self._run(control.abort(self._timing, check_id(scan_id)))

    def next_command(self, scan_id: SupportsIndex) -> ScanInfo:
        """End what a running scan is doing now, such as a delay, and return how it is then."""
        return self._run(control.next_command(self._timing, check_id(scan_id)))

    def pause_all(self) -> tuple[ScanInfo, ...]:
        """Pause all running scans, and return how all those are that were not done."""
        return self._run(control.steer_all(self._timing, "pause"))

    def resume_all(self) -> tuple[ScanInfo, ...]:
        """Resume all paused scans, and return how all those are that were not done."""
        return self._run(control.steer_all(self._timing, "resume"))

    def abort_all(self) -> tuple[ScanInfo, ...]:
        """Abort all scans: running, queued and parallel. Return how those are that were not done."""
        return self._run(control.steer_all(self._timing, "abort"))

    def next_command_all(self) -> tuple[ScanInfo, ...]:
        """End the current command of all running scans, and return how all those are that were not done."""
        return self._run(control.steer_all(self._timing, "next"))

    def move(self, scan_id: SupportsIndex, steps: SupportsIndex) -> ScanInfo:
        """Move a scan that waits in the queue, and return how it is then.

        Args:
            scan_id: The scan.
            steps: How many places to move it; negative ones towards earlier execution.
        """
        return self._run(control.move(self._timing, check_id(scan_id), check_steps(steps)))

    def patch(
        self,
        scan_id: SupportsIndex,
        address: int,
        property: str,  # noqa: A002 - the server's word
        value: float | str | bool | Comparison,
    ) -> ScanInfo:
        """Change a property of a command that is yet to be performed, and return how the scan is then.

        Args:
            scan_id: The scan.
            address: The command, counted from 0 as `CommandSequence.walk` does. The server finds commands at
                the top and in the bodies of loops, not in those of if, parallel and sequence (trap 31).
            property: The attribute of the command, such as `value` or `step`, or the server's name for it,
                such as `desired_value` or `step_size`.
            value: The new value. A text is sent as text, also where it looks like a number.
        """
        return self._run(patching.patch(self._timing, check_id(scan_id), address, property, value))

    def delete(self, scan_id: SupportsIndex) -> None:
        """Remove a scan that is done from the server, and its data."""
        self._run(control.delete(self._timing, check_id(scan_id)))

    def clear(self) -> None:
        """Remove all scans that are done from the server, and their data."""
        self._run(flows.ask(self._timing, operations.clear()))

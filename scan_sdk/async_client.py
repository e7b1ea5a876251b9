"""The async client of a scan server: what `ScanClient` does, to be awaited."""

# ruff: noqa: ASYNC109 - the timeouts of scans and of waiting are not those of calls

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scan_sdk._http import AsyncTransport
from scan_sdk._protocol import aligning, control, flows, operations, outcomes, patching
from scan_sdk._protocol.client_base import ClientBase
from scan_sdk._protocol.drivers import run_async
from scan_sdk._protocol.following import Follow
from scan_sdk._protocol.options import AlignOptions, SubmitOptions, WaitOptions, check_id, check_steps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
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


class AsyncScanClient(ClientBase):
    """Talks to a scan server from an event loop of asyncio.

    It has the methods of `ScanClient`, with the same arguments, results and errors, which are described
    there. If a task is cancelled, its call or its waiting ends at once. A client belongs to one event loop,
    and may be shared by its tasks.

    Args:
        host: Name or address of the server.
        port: TCP port of the server.
        url: Address of the server in place of host and port.
        timeout: Seconds that a request may take.
        headers: Further HTTP headers for each request.
        auth: User and password, for HTTP basic authentication.
        token: The token of a server that wants one, such as `scan-sdk serve --token`.
        verify: How the certificate of a server with https is checked.
        timezone: Time zone of the server, for deadlines with a time zone.
        max_reply: Most bytes that an answer may have.

    Raises:
        pydantic.ValidationError: An argument cannot be right.
        OSError: The authorities that `verify` names cannot be read.

    Example:
        >>> import asyncio
        >>> from scan_sdk import AsyncScanClient, Comment, Set
        >>> from scan_sdk.server import EmbeddedServer
        >>> async def main(url: str) -> None:
        ...     async with AsyncScanClient(url=url) as client:
        ...         scan_id = await client.submit([Comment("Hello"), Set("motor_x", 10)], "My First Scan")
        ...         print(await client.wait_until_done(scan_id))
        >>> with EmbeddedServer() as server:
        ...     asyncio.run(main(server.url))
        Scan 1 'My First Scan': Finished
    """

    def _prepare(self, connection: Connection) -> None:
        self._transport = AsyncTransport(connection)

    async def _run(self, flow: Flow[T]) -> T:
        return await run_async(flow, self._transport.exchange)

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used any more."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    # -- the server -----------------------------------------------------------------------------------------

    async def server_info(self) -> ScanServerInfo:
        """Return the server's version, configuration and memory."""
        return await self._run(flows.ask(self._timing, operations.server_info()))

    async def shutdown_server(self) -> None:
        """Stop the server, and with it all its scans."""
        await self._run(flows.ask(self._timing, operations.shutdown()))

    # -- submitting -----------------------------------------------------------------------------------------

    async def submit(
        self,
        commands: CommandsLike,
        name: str = "UnNamed",
        *,
        queue: bool = True,
        pre_post: bool = True,
        timeout: float | timedelta | None = None,
        deadline: str | datetime | None = None,
    ) -> int:
        """Submit a scan and return its id."""
        options = SubmitOptions.check(
            timezone=self._connection.timezone,
            name=name,
            queue=queue,
            pre_post=pre_post,
            timeout=timeout,
            deadline=deadline,
        )
        return await self._run(outcomes.submit(self._timing, options, commands, self._origins))

    async def simulate(self, commands: CommandsLike) -> SimulationResult:
        """Return what a scan would do, and how long it would take, by the server's reckoning."""
        return await self._run(outcomes.simulate(self._timing, commands))

    # -- asking ---------------------------------------------------------------------------------------------

    async def scan_infos(self) -> tuple[ScanInfo, ...]:
        """Return all scans that the server knows, the most recent first."""
        return await self._run(flows.ask(self._timing, operations.scan_infos()))

    async def scan_info(self, scan_id: SupportsIndex) -> ScanInfo:
        """Return how a scan is."""
        return await self._run(flows.look(self._timing, check_id(scan_id)))

    async def scan_commands(self, scan_id: SupportsIndex) -> CommandSequence:
        """Return the commands of a scan as they are on the server, with changes by `patch`."""
        operation = operations.scan_commands(check_id(scan_id))
        return await self._run(flows.ask_of_scan(self._timing, operation))

    async def scan_devices(self, scan_id: SupportsIndex | None = None) -> tuple[DeviceInfo, ...]:
        """Return the devices that a scan uses, or without id those of the server's configuration."""
        operation = operations.scan_devices(None if scan_id is None else check_id(scan_id))
        return await self._run(flows.ask_of_scan(self._timing, operation))

    async def last_serial(self, scan_id: SupportsIndex) -> int:
        """Return the serial of the last sample that a scan has logged, -1 where there is none."""
        return await self._run(flows.ask_of_scan(self._timing, operations.last_serial(check_id(scan_id))))

    async def get_data(
        self,
        scan_id: SupportsIndex,
        *,
        values: Literal["typed", "text"] = "typed",
        progress: Callable[[int], object] | None = None,
    ) -> ScanData:
        """Return all that a scan has logged so far, as columns for each device."""
        operation = operations.get_data(check_id(scan_id), values, progress)
        return await self._run(flows.ask_of_scan(self._timing, operation))

    # -- waiting --------------------------------------------------------------------------------------------

    async def wait_until_done(
        self,
        scan_id: SupportsIndex,
        *,
        timeout: float | timedelta | None = None,
        patience: float | timedelta = 30.0,
    ) -> ScanInfo:
        """Wait until a scan has finished, and return its state."""
        options = WaitOptions.check(timeout=timeout, patience=patience)
        return await self._run(outcomes.wait(self._timing, check_id(scan_id), options, self._origins))

    async def watch(
        self, scan_id: SupportsIndex, *, patience: float | timedelta = 30.0
    ) -> AsyncIterator[ScanInfo]:
        """Yield the state of a scan: at once, each time that something has happened, and when it is done."""
        options = WaitOptions.check(patience=patience)
        watch = flows.Watch(self._timing, check_id(scan_id), options.patience)
        while (info := await self._run(watch.change())) is not None:
            yield info

    async def follow(
        self,
        scan_id: SupportsIndex,
        *,
        timeout: float | timedelta | None = None,
        patience: float | timedelta = 30.0,
    ) -> AsyncIterator[ScanData]:
        """Yield what a scan logs, as it comes: each sample once, and in order, until the scan is done."""
        options = WaitOptions.check(timeout=timeout, patience=patience)
        follow = Follow(self._timing, check_id(scan_id), options)
        while (news := await self._run(follow.news())) is not None:
            yield news

    async def time_left(self, scan_id: SupportsIndex, *, config: ScanConfig | None = None) -> TimeLeft:
        """Estimate how long a scan takes until it is done, by its commands and how fast they go."""
        return await self._run(self._knowledge.time_left(self._timing, check_id(scan_id), config))

    async def times_left(self, *, config: ScanConfig | None = None) -> dict[int, TimeLeft]:
        """Estimate how long each scan takes until it is done; by id."""
        return await self._run(self._knowledge.times_left(self._timing, config))

    async def align(
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
        """Run an alignment scan, and return where the peak or edge is; move the device there if asked to."""
        submission = SubmitOptions.check(
            timezone=self._connection.timezone,
            name=name,
            queue=queue,
            pre_post=pre_post,
            timeout=timeout,
            deadline=deadline,
        )
        options = AlignOptions.check(move=move, min_quality=min_quality, patience=patience)
        return await self._run(aligning.align(self._timing, alignment, options, submission, self._origins))

    # -- steering -------------------------------------------------------------------------------------------

    async def pause(self, scan_id: SupportsIndex) -> ScanInfo:
        """Pause a running scan before its next command, and return how it is then."""
        return await self._run(control.pause(self._timing, check_id(scan_id)))

    async def resume(self, scan_id: SupportsIndex) -> ScanInfo:
        """Resume a paused scan, and return how it is then."""
        return await self._run(control.resume(self._timing, check_id(scan_id)))

    async def abort(self, scan_id: SupportsIndex) -> ScanInfo:
        """Abort a scan that waits, runs or is paused, and return how it is then."""
        return await self._run(control.abort(self._timing, check_id(scan_id)))

    async def next_command(self, scan_id: SupportsIndex) -> ScanInfo:
        """End what a running scan is doing now, such as a delay, and return how it is then."""
        return await self._run(control.next_command(self._timing, check_id(scan_id)))

    async def pause_all(self) -> tuple[ScanInfo, ...]:
        """Pause all running scans, and return how all those are that were not done."""
        return await self._run(control.steer_all(self._timing, "pause"))

    async def resume_all(self) -> tuple[ScanInfo, ...]:
        """Resume all paused scans, and return how all those are that were not done."""
        return await self._run(control.steer_all(self._timing, "resume"))

    async def abort_all(self) -> tuple[ScanInfo, ...]:
        """Abort all scans: running, queued and parallel. Return how those are that were not done."""
        return await self._run(control.steer_all(self._timing, "abort"))

    async def next_command_all(self) -> tuple[ScanInfo, ...]:
        """End the current command of all running scans, and return how all those are that were not done."""
        return await self._run(control.steer_all(self._timing, "next"))

    async def move(self, scan_id: SupportsIndex, steps: SupportsIndex) -> ScanInfo:
        """Move a scan that waits in the queue, and return how it is then."""
        return await self._run(control.move(self._timing, check_id(scan_id), check_steps(steps)))

    async def patch(
        self,
        scan_id: SupportsIndex,
        address: int,
        property: str,  # noqa: A002 - the server's word
        value: float | str | bool | Comparison,
    ) -> ScanInfo:
        """Change a property of a command that is yet to be performed, and return how the scan is then."""
        return await self._run(patching.patch(self._timing, check_id(scan_id), address, property, value))

    async def delete(self, scan_id: SupportsIndex) -> None:
        """Remove a scan that is done from the server, and its data."""
        await self._run(control.delete(self._timing, check_id(scan_id)))

    async def clear(self) -> None:
        """Remove all scans that are done from the server, and their data."""
        await self._run(flows.ask(self._timing, operations.clear()))

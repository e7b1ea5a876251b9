"""What a test may do with an embedded server, besides what any client can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeGuard, overload

from scan_sdk.server.errors import NotRunning
from scan_sdk.server.testing.faults import HttpFaults, Planned

if TYPE_CHECKING:
    from scan_sdk.models import ScanInfo
    from scan_sdk.server.devices.fault import Access
    from scan_sdk.server.running import Running
    from scan_sdk.server.testing.faults import Mishap, Request
    from scan_sdk.server.testing.handles import DeviceHandle

__all__ = ["Controls"]


class Controls:
    """The part of `EmbeddedServer` that is for tests. All of it may be used on any thread."""

    _running: Running | None = None

    def _reach(self) -> Running:
        if self._running is None:
            raise NotRunning
        return self._running

    @property
    def is_running(self) -> bool:
        """Whether the server has been started, and has not been stopped since, by a request or otherwise."""
        return self._running is not None and self._running.is_there

    def device(self, name: str) -> DeviceHandle:
        """Return a device, to read, set, disconnect or delay it.

        Args:
            name: Its alias in the configuration, or the name of its process variable as scans give it.

        Returns:
            Its handle. Asked for again, it is the same one until it is closed.

        Raises:
            ValueError: There cannot be such a device.
            RuntimeError: The server is not running.
        """
        running = self._reach()
        return running.call(lambda: running.handles.open(name))

    @overload
    def fail_next(
        self, what: Literal["read", "write"], *, device: str, reason: str | None = None, times: int = 1
    ) -> None: ...

    @overload
    def fail_next(
        self,
        what: Request,
        how: int | Mishap,
        *,
        reason: str | None = None,
        body: str | None = None,
        times: int = 1,
    ) -> None: ...

    def fail_next(
        self,
        what: Access | Request,
        how: int | Mishap | None = None,
        *,
        device: str | None = None,
        reason: str | None = None,
        body: str | None = None,
        times: int = 1,
    ) -> None:
        """Have the next access of a scan to a device fail, or the next request to the server.

        Args:
            what: For a device, "read" or "write". For a request the name of the method of `ScanClient` that
                makes it, such as "submit" or "get_data"; "any" for whichever comes. Some methods make more
                than one request: `pause` looks how the scan is, with "scan_info", and to wait for a scan is
                to look often.
            how: What happens to the request. A number is the HTTP status of the answer, 400 to 599. With
                "lost request" the connection breaks before the request was carried out; with "lost reply"
                after that, and nothing of the answer comes; with "no reply" it stays open, and the request is
                not carried out.
            device: The alias or name of the device. It then is in use until the server stops, as with
                `device`.
            reason: Why. It becomes the error of the scan, by default what is always said of such a device;
                or it stands in the server's page for the HTTP status.
            body: The whole answer in place of that page.
            times: How often it happens. A client may send a request again that did not get through.

        Raises:
            ValueError: This cannot be asked for.
            RuntimeError: The server is not running.

        Example:
            >>> from scan_sdk import ScanClient, Set, TransportError
            >>> from scan_sdk.server import EmbeddedServer
            >>> with EmbeddedServer() as server, ScanClient(url=server.url) as client:
            ...     server.fail_next("submit", "lost reply")
            ...     try:
            ...         client.submit([Set("motor_x", 1)])
            ...     except TransportError as error:
            ...         print(error.sent, len(client.scan_infos()))
            True 1
        """
        running = self._reach()
        if times < 1:
            raise ValueError(f"how many times? {times} is none")
        if _is_access(what):
            if device is None or how is not None or body is not None:
                raise ValueError(f'to fail a "{what}", name the device, and the reason if you like')
            running.call(lambda: running.handles.fail(device, what, reason, times))
        elif not HttpFaults.is_request(what):
            raise ValueError(f"'{what}' is neither an access to a device nor a method of ScanClient")
        elif how is None or device is not None:
            raise ValueError(f'to fail a request such as "{what}", say how: an HTTP status, or what happens')
        else:
            planned = Planned(what, how, reason, body, times)
            running.call(lambda: running.plan(planned))

    def clear_faults(self) -> None:
        """Undo each `fail_next`; connections of requests that got no reply are broken.

        Raises:
            RuntimeError: The server is not running.
        """
        running = self._reach()
        running.call(running.clear_faults)

    def scan_infos(self) -> tuple[ScanInfo, ...]:
        """Return how all scans are, the newest first, without a request that could fail.

        Raises:
            RuntimeError: The server is not running.
        """
        running = self._reach()
        return running.call(running.scan_infos)

    def reset(self) -> None:
        """Abort and remove all scans, undo faults, close handles, and put simulated devices back.

        Ids of scans go on from where they were. So does time.

        Raises:
            RuntimeError: The server is not running.
        """
        running = self._reach()
        running.call(running.reset)


def _is_access(what: str) -> TypeGuard[Access]:
    return what in {"read", "write"}

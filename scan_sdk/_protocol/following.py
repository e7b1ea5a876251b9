"""Following what a scan logs: each sample once, in order, and few bytes moved.

A scan server has no way to ask for new samples: it sends the whole log. So the log is fetched when it has
grown, and again only when it has grown by half (`Spacing`). The embedded server sends only what is new where
it is asked to, and says so in a header; it is asked to once that header was seen.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from scan_sdk._protocol import operations
from scan_sdk._protocol.flows import Watch, ask_of_scan
from scan_sdk.errors import ProtocolError, UnknownScan
from scan_sdk.models import ScanState

if TYPE_CHECKING:
    from datetime import datetime

    from scan_sdk._protocol.operations import LogPart, Operation
    from scan_sdk._protocol.options import WaitOptions
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.data import ScanData
    from scan_sdk.models import ScanInfo

T = TypeVar("T")

_PAUSES: Final = (0.1, 0.2)
"""Seconds between two looks at a running scan, at least and at most."""
_STABLE: Final = 0.2
"""Seconds after which the samples of a serial are all there, if no higher serial was seen."""


class Spacing:
    """When the whole log may be fetched again, so that all fetches move 5 times the final log at most.

    Fetched are logs of the sizes b1 <= b2 <= ... <= bn, and at the end the final one, F >= bn. Before each
    fetch the bytes moved so far are at most 3 times what the log surely has by now, plus `FREE`; so after it
    they are at most 4 bn + `FREE`, and with the final log 5 F + `FREE`. As it is fetched when it is expected
    to have grown by half, they are about 3 bn, and 4 F in all, unless expectations prove wrong.
    """

    FREE: Final = 2**16
    """Bytes that may be moved in any case, so that a short log is fetched with each sample."""
    _GROWTH: Final = 1.5
    _SHORTEST: Final = 40
    """Bytes that the samples of a serial surely add."""

    def __init__(self) -> None:
        self._moved = 0
        self._size = 0
        self._serial = -1

    def allows(self, serial: int) -> bool:
        """Tell whether to fetch a log that has come to a serial."""
        expected = self._size * max(1.0, (serial + 1) / max(1, self._serial + 1))
        if self._moved + expected <= self.FREE:
            return True
        # A serial may be given out before there are samples of it.
        surely = self._size + self._SHORTEST * max(0, serial - self._serial - 1)
        return expected >= self._GROWTH * self._size and self._moved <= 3 * surely + self.FREE

    def fetched(self, serial: int, size: int) -> None:
        """Take notice of a log that was fetched: its highest serial and its bytes."""
        self._moved += size
        self._size = size
        self._serial = serial


class Follow:
    """Follows what one scan logs until it is done.

    A server of CS-Studio writes the samples of one serial one after the other. They stay together here: those
    of the highest serial are returned when a higher one was seen, when it has been the highest for a while,
    or when the scan is done.
    """

    def __init__(self, timing: Timing, scan_id: int, options: WaitOptions) -> None:
        """Follow this scan.

        Args:
            timing: Timeout of each request.
            scan_id: The scan.
            options: For how long to follow it at most, and to try a lost connection again.
        """
        from scan_sdk.data.growth import Growth

        until = math.inf if options.timeout is None else timing.clock() + options.timeout
        self._timing = replace(timing, until=until)
        self._scan_id = scan_id
        self._watch = Watch(self._timing, scan_id, options.patience)
        self._growth = Growth()
        self._spacing = Spacing()
        self._created: datetime | None = None
        self._over = False
        self._takes_after: bool | None = None
        """Whether the server sends only what is new; None while that is not known."""
        self._serial = -1
        self._since = -math.inf
        self._told = -1
        """The serial up to which all samples were returned."""

    def news(self) -> Flow[ScanData | None]:
        """Wait until the scan has logged something, and return it; None once it is done and all was returned.

        Raises:
            ProtocolError: The server has another log than before.
        """
        while not self._over:
            known = self._watch.info
            is_running = known is not None and known.state is ScanState.RUNNING
            yield from (self._watch.pause(*_PAUSES) if is_running else self._watch.pause())
            info = yield from self._watch.look()
            if info is None:
                continue
            self._check_same(info)
            if info.state is ScanState.IDLE:
                continue
            found = yield from (self._fetch(None) if info.is_done else self._glance())
            self._over = info.is_done and found is not None
            if found:
                return found
        return None

    def _check_same(self, info: ScanInfo) -> None:
        if self._created is None:
            self._created = info.created
        elif self._created != info.created:  # a new server, which counts its scans anew
            raise UnknownScan(self._scan_id)

    def _glance(self) -> Flow[ScanData | None]:
        """Return what a scan that is not done has logged; None where that is nothing, or not fetched yet."""
        serial = yield from self._attempt(operations.last_serial(self._scan_id))
        if serial is None:
            return None
        complete = self._complete(serial)
        if complete == self._told or not (self._takes_after or self._spacing.allows(complete)):
            return None
        return (yield from self._fetch(complete))

    def _complete(self, serial: int) -> int:
        """Return the serial up to which the samples are all there."""
        if self._takes_after:
            return serial
        now = self._timing.clock()
        if serial != self._serial:
            self._serial, self._since = serial, now
        return serial if serial == self._told or now - self._since >= _STABLE else max(-1, serial - 1)

    def _fetch(self, complete: int | None) -> Flow[ScanData | None]:
        """Return what is new up to a serial, or for None all; None where that could not be found out."""
        after = self._growth.last_serial if self._takes_after else None
        part = yield from self._attempt(operations.log_part(self._scan_id, after))
        if part is None:
            return None
        if after is not None and part.takes_after and _lowest(part) > after:
            self._told = max(after, _highest(part))
            return self._growth.added(part.data)
        self._spacing.fetched(_highest(part), part.size)
        if after is not None:
            # Something between has changed the answer, or the server says that there may be samples with
            # lower serials. It is not asked for a part again, lest bytes are moved in vain.
            self._takes_after = False
        elif self._takes_after is None:
            self._takes_after = part.takes_after
        try:
            if complete is None or self._takes_after:
                found = self._growth.whole(part.data)
                self._told = _highest(part)
            else:
                found = self._growth.whole(part.data, max(self._told, complete))
                self._told = complete
        except ProtocolError as error:
            if after is not None:
                return None  # a part, without the header that says so
            raise ProtocolError(f"scan {self._scan_id}: {error}") from None
        return found

    def _attempt(self, operation: Operation[T]) -> Flow[T | None]:
        return (yield from self._watch.attempt(lambda timing: ask_of_scan(timing, operation)))


def _highest(part: LogPart) -> int:
    return max((int(log.serial.max()) for log in part.data.devices if len(log)), default=-1)


def _lowest(part: LogPart) -> float:
    return min((int(log.serial.min()) for log in part.data.devices if len(log)), default=math.inf)

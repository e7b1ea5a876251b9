"""Asking for what estimates of the time left are made of."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from scan_sdk._protocol import operations
from scan_sdk._protocol.flows import ask
from scan_sdk.errors import ProtocolError, ServerError, UnknownScan
from scan_sdk.estimates import Estimates

if TYPE_CHECKING:
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.estimates import TimeLeft
    from scan_sdk.models import ScanConfig


class Knowledge:
    """What a client has learnt of how long scans take. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._estimates = Estimates()

    def times_left(
        self, timing: Timing, config: ScanConfig | None = None, scan_id: int | None = None
    ) -> Flow[dict[int, TimeLeft]]:
        """Estimate how long all scans of the server take, or at least one of them."""
        if config is not None:
            with self._lock:
                self._estimates.config = config
        infos = yield from ask(timing, operations.scan_infos())
        with self._lock:
            wanted = self._estimates.wanted(infos, scan_id)
        for wanted_id in wanted:
            try:
                commands = yield from ask(timing, operations.scan_commands(wanted_id))
            except (ProtocolError, ServerError):
                commands = None  # it was deleted meanwhile, or the server has lost them
            with self._lock:
                self._estimates.learn(wanted_id, commands)
        with self._lock:
            return self._estimates.update(infos)

    def time_left(self, timing: Timing, scan_id: int, config: ScanConfig | None = None) -> Flow[TimeLeft]:
        """Estimate how long a scan takes.

        Raises:
            UnknownScan: There is no such scan.
        """
        times = yield from self.times_left(timing, config, scan_id)
        if scan_id not in times:
            raise UnknownScan(scan_id)
        return times[scan_id]

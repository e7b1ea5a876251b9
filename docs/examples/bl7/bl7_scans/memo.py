"""Devices that keep what was written to them: `memo://name`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.server.devices import Provider, Pv, Reading

if TYPE_CHECKING:
    from scan_sdk.server.devices import Around, PvInput, PvName


class MemoProvider(Provider):
    """Makes the devices of one server."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def create(self, name: PvName) -> Pv:
        """Make a device."""
        return Memo(name, self._around)


class Memo(Pv):
    """A device in memory. One of a control system would call `update` with what that reports."""

    def __init__(self, name: PvName, around: Around) -> None:
        super().__init__(Reading(name.arguments or "", 0))
        self._clock = around.clock

    async def write(self, value: PvInput) -> None:
        """Keep a value, with the time of the server."""
        self.update(Reading(value, round(1000 * self._clock.time())))

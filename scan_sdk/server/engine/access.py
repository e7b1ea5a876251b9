"""What the function that performs a command of an extension sees of its scan."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.values import Reading, as_logged
from scan_sdk.server.engine.moving import Write, write
from scan_sdk.server.engine.pauses import count_down

if TYPE_CHECKING:
    from scan_sdk.extend import DeviceValue, ScanAccess
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.engine.scope import Scope

__all__ = ["access_at"]

_logger = logging.getLogger(__name__)


def access_at(scope: Scope, node: AnyNode) -> ScanAccess:
    """Return what the function that performs a command sees."""
    return _Access(scope, node)


class _Access:
    def __init__(self, scope: Scope, node: AnyNode) -> None:
        self._scope = scope
        self._node = node

    def resolve(self, text: str) -> str:
        return self._scope.resolve(text)

    def message(self, text: str) -> None:
        _logger.info("Scan %d: %s", self._scope.scan.id, text)

    async def read(self, device: str) -> DeviceValue:
        return as_logged((await self._scope.device(device).read()).value)

    async def write(
        self,
        device: str,
        value: float | str,
        *,
        completion: bool = False,
        readback: bool | str = False,
        tolerance: float = 0.1,
        timeout: float = 0,  # noqa: ASYNC109  # as Set has it
    ) -> None:
        target = self._scope.device(device)
        compared = None
        if readback:
            compared = self._scope.device(readback) if isinstance(readback, str) else target
        number = value if isinstance(value, str) else float(value)
        what = Write(target, number, completion, compared, None, tolerance, timeout)
        await write(self._node.gate, self._scope, what)

    async def log(self, *devices: str) -> None:
        found = [self._scope.device(device) for device in devices]
        self._scope.scan.log.add_all([(device.alias, await device.read()) for device in found])

    async def log_value(self, name: str, value: float | str) -> None:
        number = value if isinstance(value, str) else float(value)
        reading = Reading(number, milliseconds(self._scope.clock))
        self._scope.scan.log.add_all([(name, reading)])

    async def sleep(self, seconds: float) -> None:
        await count_down(self._node.gate, self._scope, seconds)

    async def perform_body(self) -> None:
        await self._scope.perform(self._node.body)

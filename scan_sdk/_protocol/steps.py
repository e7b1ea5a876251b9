"""What flows are made of: requests to send, and pauses."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from scan_sdk._protocol.operations import Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Perform an operation; its result is sent back into the flow, its error thrown.

    Attributes:
        operation: What to ask the server.
        deadline: Instant of the flow's clock at which the answer must be there.
    """

    operation: Operation[Any]
    deadline: float


@dataclass(frozen=True, slots=True)
class Sleep:
    """Do nothing for some seconds."""

    seconds: float


Flow: TypeAlias = Generator[Send | Sleep, Any, T]
"""A conversation with the server that ends in a result."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The time that flows live in.

    Attributes:
        timeout: Seconds that one call may take, repetitions included.
        clock: Tells the time in seconds; tests turn one of their own.
        until: Instant at which all must be over, whatever `timeout` allows.
    """

    timeout: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    until: float = math.inf

    def deadline(self) -> float:
        """Return the instant by which a call that begins now must be answered."""
        return min(self.clock() + self.timeout, self.until)

"""What a scan is to do, how, and what it shares with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import PvPool
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.store.store import Store

__all__ = ["Options", "Submission", "Surroundings"]


class Options(NamedTuple):
    """How a scan is to be performed.

    Attributes:
        queue: Whether it waits its turn, or is performed at once beside others.
        pre_post: Whether the pre- and post-scan of the configuration are part of it.
        timeout: Seconds after which it is aborted; 0 for never.
        deadline: Local time at which it is aborted, None for never; of use where there is no timeout.
    """

    queue: bool = True
    pre_post: bool = True
    timeout: int = 0
    deadline: datetime | None = None


class Submission(NamedTuple):
    """What a scan is to do.

    Attributes:
        name: Name of the scan.
        before: The commands of the pre-scan.
        main: Its own commands.
        after: The commands of the post-scan.
        options: How to do it.
    """

    name: str
    before: tuple[AnyNode, ...]
    main: tuple[AnyNode, ...]
    after: tuple[AnyNode, ...]
    options: Options


class Surroundings(NamedTuple):
    """What the scans of a server share.

    Attributes:
        clock: The time.
        pool: The process variables in use.
        aliases: Names of PVs by alias.
        macros: Macros in force for all scans.
        read_timeout: Seconds that devices have to connect; 0 for any time.
        store: Where scans and their data are kept.
        status_prefix: What the names of the PVs begin with that report scans; empty for none.
        busy: Returns whether any scan runs or waits.
    """

    clock: Clock
    pool: PvPool
    aliases: Mapping[str, str]
    macros: Mapping[str, str]
    read_timeout: float
    store: Store
    status_prefix: str
    busy: Callable[[], bool]

"""From a document to what can be performed, in a thread: documents may be large."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk._wire.markup import carriable
from scan_sdk.errors import InvalidCommands
from scan_sdk.server.engine.nodes import build
from scan_sdk.server.engine.submission import Options, Submission
from scan_sdk.server.errors import Refused
from scan_sdk.server.files import ScanFiles, located, read_file
from scan_sdk.server.scripts.classes import ScriptFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scan_sdk.models import Command, ScanConfig
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.engine.nodes import AnyNode

__all__ = ["Preparation"]

T = TypeVar("T")


class Preparation:
    """Makes plans of documents."""

    def __init__(self, config: ScanConfig, folder: Path | None, clock: Clock) -> None:
        """Set up.

        Args:
            config: Names the files of pre- and post-scan, and the script path.
            folder: Where relative paths in it start; None where there are no such files.
            clock: The time.
        """
        self._config = config
        self._folder = folder
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "scan-prepare")

    async def start(self) -> None:
        """Have the thread there from the beginning."""
        await self._in_thread(lambda: None)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def scan(self, name: str, document: bytes, options: Options) -> tuple[Submission, str]:
        """Prepare a scan, and load its scripts.

        Args:
            name: Its name.
            document: Its commands as XML.
            options: How to perform it.

        Returns:
            What it is to do, and its commands as the server writes them.

        Raises:
            Refused: It cannot be performed, for the reason that the text gives.
        """
        files = self._files()

        def prepare() -> tuple[Submission, str]:
            commands = _read(document)
            around = options.pre_post
            before = self._build_files("Pre-scan", self._config.pre_scan, files) if around else ()
            after = self._build_files("Post-scan", self._config.post_scan, files) if around else ()
            submission = Submission(carriable(name), before, build(commands, files), after, options)
            return submission, write_commands(commands, as_server=True)

        prepared = await self._in_thread(prepare)
        await files.load(self._clock)
        return prepared

    async def commands(self, document: bytes) -> tuple[tuple[Command, ...], tuple[AnyNode, ...], ScanFiles]:
        """Read the commands of a scan that is to be simulated.

        Args:
            document: The commands as XML.

        Returns:
            The commands; their nodes, whose scripts are yet to be loaded; and the files.

        Raises:
            Refused: They cannot be performed, for the reason that the text gives.
        """
        files = self._files()

        def prepare() -> tuple[tuple[Command, ...], tuple[AnyNode, ...]]:
            commands = _read(document)
            return commands, build(commands, files)

        return *await self._in_thread(prepare), files

    def _files(self) -> ScanFiles:
        places = ((located(path, self._folder), path) for path in self._config.paths)
        return ScanFiles(tuple(ScriptFolder(place, path) for place, path in places if place is not None))

    def _build_files(self, what: str, paths: Iterable[str], files: ScanFiles) -> tuple[AnyNode, ...]:
        nodes: tuple[AnyNode, ...] = ()
        for path in paths:
            place = located(path, self._folder)
            if place is None:
                raise Refused(f"{what}: cannot open '{path}': the configuration is no file")
            try:
                nodes += build(read_file(place, path), files)
            except Refused as error:
                raise Refused(f"{what}: {error}") from error
        return nodes


def _read(document: bytes) -> tuple[Command, ...]:
    try:
        return read_commands(document)
    except InvalidCommands as error:
        raise Refused(str(error)) from error

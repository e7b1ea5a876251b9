"""`scan-sdk serve`: a scan server in the foreground, until it is told to stop."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from scan_sdk.cli.common import Exit
from scan_sdk.errors import InvalidConfig, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["ServeOptions", "serve_here"]


class ServeOptions(NamedTuple):
    """What to serve, where, and to whom; as the command line has it."""

    config: Path | None
    port: int | None
    host: str
    token: str | None
    insecure: bool
    data_log: Path | None
    default_pv: str
    verbose: bool


def serve_here(options: ServeOptions, *, say: Callable[[str], None], complain: Callable[[str], None]) -> int:
    """Serve until Ctrl-C, SIGTERM or a request to shut down.

    Args:
        options: What to serve, where, and to whom.
        say: Called once with where the server is, what it serves, and where the data goes.
        complain: Called with the reason when it cannot be served.

    Returns:
        The exit code of the process.

    Raises:
        MissingExtra: The packages of the server are not installed.
    """
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        raise MissingExtra("the scan server", "server")
    from scan_sdk.server import serve

    config = options.config
    with ExitStack() as stack:
        stack.enter_context(_log_to_stderr(verbose=options.verbose))
        data_log, kept = options.data_log, ""
        if config is None and data_log is None:
            data_log = Path(stack.enter_context(TemporaryDirectory(prefix="scan_sdk-")))
            kept = ", which is removed at the end; --data-log FOLDER keeps it"

        def tell(url: str, folder: Path) -> None:
            what = "demo devices" if config is None else str(config.resolve())
            say(f"scan server at {url}, its page at {url}/; configuration: {what}; data log: {folder}{kept}")

        try:
            serve(
                config,
                port=options.port,
                data_log=data_log,
                default_pv=options.default_pv,
                ready=tell,
                host=options.host,
                token=options.token,
                insecure=options.insecure,
            )
        except KeyboardInterrupt:
            return Exit.INTERRUPTED
        except (OSError, ValueError) as error:
            code, reason = _explained(error, config)
            complain(reason)
            return code
    return 0


def _explained(error: OSError | ValueError, config: Path | None) -> tuple[int, str]:
    """Return the exit code for what kept the server from starting, and what to say."""
    from scan_sdk.server import CannotListen

    match error:
        case InvalidConfig():
            return Exit.NO_CONFIG, str(error)
        case ValueError():
            return Exit.WRONG_USE, f"{error}; see --host, --token, --insecure and --default-pv"
        case CannotListen():
            return Exit.NO_PORT, f"{error.strerror or error}; see --host and --port"
        case OSError() if config is not None and error.filename == str(config):
            return Exit.NO_CONFIG, f"cannot read {config}: {error.strerror}"
        case _:
            return Exit.NO_DATA_LOG, str(error)


@contextmanager
def _log_to_stderr(*, verbose: bool) -> Generator[None]:
    """Show what the server logs: what becomes of scans, and with `verbose` each request."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("scan_sdk")
    before = logger.level
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)

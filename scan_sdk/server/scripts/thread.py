"""Running a function of a script: in a thread of its own, which can be left or stopped at any time."""

from __future__ import annotations

import asyncio
import builtins
import ctypes
import sys
import threading
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

    from _typeshed import TraceFunction

    from scan_sdk.server.clock import Clock

__all__ = ["ScriptRaised", "ScriptStopped", "ScriptThread"]

T = TypeVar("T")

# While such an exception waits for a thread that is blocked, Python 3.11 lets no thread that is traced, by a
# debugger or by coverage, go on: there the script's own thread looks whether it is to stop.
_TRACED_BADLY: Final = sys.version_info < (3, 12)
_IMPORT: Final = builtins.__import__


class ScriptStopped(BaseException):
    """Raised inside a script whose scan goes on without it; no `except Exception` keeps it from ending."""


class ScriptRaised(Exception):
    """A script has raised something, whatever that is.

    Attributes:
        error: What it has raised.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class ScriptThread:
    """A thread for one call of a script, and its way back to the event loop.

    It is made on the event loop. A script that has been stopped ends with its next line of Python, or when
    the call into something else (a sleep, a library) that it is in returns; its scan does not wait for that.

    Args:
        clock: The time, which stands still while the script runs.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._stopped = False
        self._inside: int | None = None  # the thread, while it is in the script
        self._watched = _TRACED_BADLY and sys.gettrace() is not None
        self._tracer: TraceFunction | None = None
        self._call: asyncio.Task[object] | None = None

    def start(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Call something in the thread.

        Args:
            work: What to call.

        Returns:
            A future with what it returns, or a `ScriptRaised`. Where it is awaited no longer, call `stop`.
        """
        done: asyncio.Future[T] = self._loop.create_future()
        hold = ExitStack()
        hold.enter_context(self._clock.held())
        done.add_done_callback(lambda _: hold.close())
        threading.Thread(target=self._body, args=(work, done), name="scan script", daemon=True).start()
        return done

    def _body(self, work: Callable[[], T], done: asyncio.Future[T]) -> None:
        with suppress(ScriptStopped, RuntimeError):  # the latter where the event loop has gone
            try:
                with self._lock:
                    if self._stopped:
                        return
                    self._inside = threading.get_ident()
                if self._watched:
                    self._tracer = sys.gettrace()
                    sys.settrace(self._watch)
                result = work()
            except BaseException as error:  # noqa: BLE001  # the outermost edge of what others wrote
                self._leave()
                self._loop.call_soon_threadsafe(_fail, done, error)
            else:
                self._leave()
                self._loop.call_soon_threadsafe(_finish, done, result)

    def _watch(self, frame: FrameType, event: Any, arg: object) -> TraceFunction | None:
        """End the script with its next step where it is to stop; all else is left to who traces already."""
        if frame.f_builtins.get("__import__", _IMPORT) is _IMPORT:  # scripts have one of their own
            inner = None if self._tracer is None else self._tracer(frame, event, arg)
            sys.settrace(self._watch)  # the other may have put itself in its place
            return inner
        frame.f_trace_opcodes = True  # a loop of one line is one step otherwise
        if self._stopped:
            raise ScriptStopped
        return self._watch

    def _leave(self) -> None:
        with self._lock:
            self._inside = None

    def call(self, work: Callable[[], Coroutine[object, object, T]]) -> T:
        """Have the event loop perform something; for use by the script, which waits meanwhile.

        Args:
            work: Makes the coroutine.

        Raises:
            ScriptStopped: The scan goes on without the script.
        """

        async def perform() -> T:
            self._call = asyncio.current_task()
            if self._stopped:
                raise ScriptStopped
            with self._clock.released():
                return await work()

        try:
            coroutine = perform()
            try:
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            except RuntimeError:  # the event loop has gone
                coroutine.close()
                raise ScriptStopped from None
            return future.result()
        except CancelledError:
            raise ScriptStopped from None

    def stop(self) -> None:
        """Let the script end as soon as it can; nothing where it has ended."""
        self._stopped = True
        if self._call is not None:
            self._call.cancel()
        with self._lock:
            if self._inside is not None and not self._watched:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._inside), ctypes.py_object(ScriptStopped)
                )


def _finish(done: asyncio.Future[T], result: T) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[T], error: BaseException) -> None:
    if not done.done():
        done.set_exception(ScriptRaised(error))

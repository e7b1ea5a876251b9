"""Hypothesis strategies: whatever the models of scan_sdk can hold, the nasty corners included.

Texts hold quotes, line ends, markup and characters of every plane; numbers reach from the smallest to the
largest double, with negative zero; device names may carry macros; commands nest. All of it is valid: it can
be written, sent and read back.

Example:
    >>> from hypothesis import given
    >>> from scan_sdk import CommandSequence
    >>> from scan_sdk.testing.strategies import command_sequences
    >>> @given(command_sequences())
    ... def test_xml_keeps_everything(scan: CommandSequence) -> None:
    ...     assert CommandSequence.from_xml(scan.to_xml()) == scan
    >>> test_xml_keeps_everything()
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from scan_sdk.errors import MissingExtra

if find_spec("hypothesis") is None:
    raise MissingExtra("scan_sdk.testing.strategies", "test")

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from scan_sdk.models import (
    Command,
    Comment,
    Comparison,
    ConfigLog,
    Delay,
    DeviceInfo,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    Patch,
    ScanInfo,
    ScanServerInfo,
    ScanState,
    Script,
    Sequence,
    Set,
    SimulationResult,
    Wait,
    fields,
)
from scan_sdk.models.base import CommandModel, written_fields
from scan_sdk.models.commands import COMMANDS, MEMBERSHIP, RELATIVE
from scan_sdk.models.loops import MOST_STEPS
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scan_sdk.data import DeviceLog, ScanData

__all__ = [
    "command_sequences",
    "commands",
    "commands_of",
    "comments",
    "config_logs",
    "delays",
    "device_infos",
    "device_names",
    "ifs",
    "includes",
    "logs",
    "loops",
    "names",
    "numbers",
    "parallels",
    "patches",
    "scan_data",
    "scan_infos",
    "scan_server_infos",
    "scripts",
    "seconds",
    "sequences",
    "sets",
    "simulation_results",
    "texts",
    "values",
    "waits",
]

T = TypeVar("T")
C = TypeVar("C", bound=CommandModel)

# What XML 1.0 can carry, first in one line, then with tab and line ends.
_LINE = st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
_CHARACTERS = _LINE | st.sampled_from("\t\n\r")
_NASTY = st.sampled_from(
    [
        "",
        " ",
        "0",
        "007",
        "1e3",
        "NaN",
        "True",
        '"',
        "''",
        '"7"',
        "\\",
        "a\r\nb",
        "]]>",
        "<a>&amp;",
        "$(x)",
        "µm",
        "🔬",
    ]
)
_PV_NAMES = ["motor_x", "$(axis)", "$(P=BL1):m1.VAL", "loc://x(0)", 'loc://text("a b")', "pva://A:b{c}-d[3]"]
_MACRO_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.\-]{0,8}", fullmatch=True)


@cache
def texts() -> st.SearchStrategy[str]:
    """Make any text that XML 1.0 can carry: no control characters but tab, CR and LF."""
    return _NASTY | st.text(_CHARACTERS, max_size=20)


@cache
def names() -> st.SearchStrategy[str]:
    """Make names of one line, not empty, without blanks around them."""
    plain = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
    return plain | st.text(_LINE, min_size=1, max_size=12).map(lambda text: text.strip(" ") or "x")


@cache
def device_names() -> st.SearchStrategy[str]:
    """Make names of PVs, some with macros in them."""
    return st.sampled_from(_PV_NAMES) | names()


@cache
def numbers() -> st.SearchStrategy[float]:
    """Make finite numbers of any size, whole ones and negative zero among them."""
    corners = st.sampled_from([0.001, 1e7, -0.0, 5e-324, 1.7976931348623157e308])  # as Java writes them
    return st.integers(-100, 100).map(float) | st.floats(allow_nan=False, allow_infinity=False) | corners


@cache
def seconds() -> st.SearchStrategy[float]:
    """Make times in seconds, 0 or more."""
    return st.integers(0, 100).map(float) | st.floats(0, allow_infinity=False)


@cache
def values() -> st.SearchStrategy[float | str]:
    """Make what `Set` writes: numbers, and texts that may look like numbers."""
    return numbers() | texts()


@cache
def _readbacks() -> st.SearchStrategy[bool | str]:
    return st.booleans() | device_names()


def commands_of(
    kind: type[C], body: st.SearchStrategy[Command] | None = None, **given: st.SearchStrategy[Any]
) -> st.SearchStrategy[C]:
    """Make commands of a kind, also of one that a site has added, from the types of its fields.

    Args:
        kind: The class of the commands.
        body: What their bodies are made of, where they have one; any commands where left out.
        given: What else to make of some fields, for rules that no type tells.
    """
    hints = get_type_hints(kind, include_extras=True)
    arguments = dict(given)
    for name in written_fields(kind):
        if name == "body":
            arguments[name] = st.deferred(lambda: st.lists(commands() if body is None else body, max_size=3))
        elif name not in arguments:
            info = kind.model_fields[name]
            made = _BY_NAME[name]() if name in _BY_NAME else _of_type(hints[name])
            arguments[name] = made if info.is_required() else st.just(info.default) | made
    return st.builds(kind, **arguments)


def _of_type(hint: object) -> st.SearchStrategy[Any]:
    """Make what a field of a type may hold."""
    known = next((make for named, make in _BY_TYPE if named == hint), None)
    if known is not None:
        return known()
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _narrowed(arguments[0], arguments[1:])
    if origin in {Union, UnionType}:
        return st.one_of(*map(_of_type, arguments))
    if origin is tuple:
        return st.lists(_of_type(arguments[0]), max_size=4)
    return st.from_type(cast("type[object]", hint))


def _narrowed(base: object, marks: tuple[object, ...]) -> st.SearchStrategy[Any]:
    """Make values of a type with limits, as the schemas give them."""
    limits = [limit for mark in marks if isinstance(mark, FieldInfo) for limit in mark.metadata]
    patterns = [pattern for limit in limits if (pattern := getattr(limit, "pattern", None))]
    if patterns:
        return st.from_regex(patterns[0], fullmatch=True, alphabet=_CHARACTERS)
    least = next((limit.min_length for limit in limits if isinstance(limit, MinLen)), 0)
    if get_origin(base) is tuple:
        return st.lists(_of_type(get_args(base)[0]), min_size=least, max_size=4)
    if base is str:
        most = next((limit.max_length for limit in limits if isinstance(limit, MaxLen)), least + 20)
        return st.text(_CHARACTERS, min_size=least, max_size=most)
    bounds = [limit for limit in limits if isinstance(limit, Ge | Gt | Le | Lt)]
    if base is float:
        return st.from_type(cast("type[float]", Annotated[(base, *bounds)] if bounds else base)).filter(
            math.isfinite
        )
    return st.from_type(cast("type[object]", Annotated[(base, *bounds)] if bounds else base))


@cache
def comments() -> st.SearchStrategy[Comment]:
    """Make `Comment`."""
    return commands_of(Comment)


@cache
def delays() -> st.SearchStrategy[Delay]:
    """Make `Delay`; its time may be very long."""
    return commands_of(Delay)


@cache
def config_logs() -> st.SearchStrategy[ConfigLog]:
    """Make `ConfigLog`."""
    return commands_of(ConfigLog)


@cache
def logs() -> st.SearchStrategy[Log]:
    """Make `Log` of one to four devices."""
    return commands_of(Log)


@st.composite
def sets(draw: st.DrawFn) -> Set:
    """Make `Set`, with and without completion, readback and a value to expect of it."""
    readback = draw(_readbacks())
    expected = st.none() | values().filter(lambda value: value != "") if readback else st.none()
    return draw(commands_of(Set, readback=st.just(readback), readback_value=expected))


@cache
def _list_items() -> st.SearchStrategy[str]:
    """Make texts that a list for IN can carry."""
    return texts().map(lambda text: text.replace("\\", "/").replace("'", "" if '"' in text else "'"))


@st.composite
def waits(draw: st.DrawFn) -> Wait:
    """Make `Wait` with every comparison, and the kind of value that goes with it."""
    comparison = draw(st.sampled_from(Comparison))
    value: st.SearchStrategy[Any]
    if comparison in MEMBERSHIP:
        value = st.lists(_list_items(), min_size=1, max_size=4)
    else:
        value = numbers() if comparison in RELATIVE else values()
    return draw(commands_of(Wait, comparison=st.just(comparison), value=value))


@cache
def includes() -> st.SearchStrategy[Include]:
    """Make `Include`, with and without macros."""
    value = texts().map(lambda text: text.replace("\\", "/")) | st.integers()
    return commands_of(Include, macros=st.dictionaries(_MACRO_NAMES, value, max_size=3))


@cache
def scripts() -> st.SearchStrategy[Script]:
    """Make `Script` with up to three arguments."""
    return commands_of(Script, arguments=st.lists(values(), max_size=3))


@cache
def ifs(body: st.SearchStrategy[Command] | None = None) -> st.SearchStrategy[If]:
    """Make `If`.

    Args:
        body: What its body is made of; any commands where left out. So for all commands with a body.
    """
    usable = [item for item in Comparison if item not in MEMBERSHIP | RELATIVE]
    return commands_of(If, body, comparison=st.sampled_from(usable))


@st.composite
def loops(draw: st.DrawFn, body: st.SearchStrategy[Command] | None = None) -> Loop:
    """Make `Loop` in both directions, towards its end and away from it, with any number of steps."""
    start = draw(numbers())
    step = draw(numbers().filter(bool))
    end = start + draw(st.integers(-9, 9) | st.floats(-1e6, 1e6)) * step
    if not math.isfinite(end) or abs((end - start) / step) > MOST_STEPS:
        end = start
    fixed = {"start": st.just(start), "end": st.just(end), "step": st.just(step)}
    return draw(commands_of(Loop, body, readback=_readbacks(), **fixed))


@cache
def parallels(body: st.SearchStrategy[Command] | None = None) -> st.SearchStrategy[Parallel]:
    """Make `Parallel`, some without a body."""
    return commands_of(Parallel, body)


@cache
def sequences(body: st.SearchStrategy[Command] | None = None) -> st.SearchStrategy[Sequence]:
    """Make the command `Sequence`, some without a body."""
    return commands_of(Sequence, body)


_BY_NAME: Final[Mapping[str, Callable[[], st.SearchStrategy[Any]]]] = {
    "error_handler": lambda: st.just("") | names()
}
_BY_TYPE: Final[tuple[tuple[object, Callable[[], st.SearchStrategy[Any]]], ...]] = (
    (fields.Text, texts),
    (fields.Name, names),
    (fields.DeviceName, device_names),
    (fields.Number, numbers),
    (fields.Seconds, seconds),
    (fields.Tolerance, seconds),
    (fields.Value, values),
    (fields.Integer, lambda: st.integers(-(2**63), 2**63 - 1)),
)
"""What is made of types whose nasty corners are known; of others what their limits say."""
_Makes: TypeAlias = "Callable[[], st.SearchStrategy[Command]]"
_MakesAround: TypeAlias = "Callable[[st.SearchStrategy[Command]], st.SearchStrategy[Command]]"
_SIMPLE: Final[Mapping[type[CommandModel], _Makes]] = {
    Set: sets,
    Wait: waits,
    Include: includes,
    Script: scripts,
}
_AROUND: Final[Mapping[type[CommandModel], _MakesAround]] = {If: ifs, Loop: loops}
"""Kinds with rules that span several fields, or that people write otherwise."""


@cache
def _commands(depth: int) -> st.SearchStrategy[Command]:
    """Make commands whose bodies are nested so deep at most, all kinds alike often."""
    made: list[st.SearchStrategy[Command]] = []
    for kind in COMMANDS:
        if "body" not in kind.model_fields:
            made.append(_SIMPLE[kind]() if kind in _SIMPLE else commands_of(kind))
        elif depth:
            body = _commands(depth - 1)
            made.append(_AROUND[kind](body) if kind in _AROUND else commands_of(kind, body))
    return st.one_of(*made)


def commands() -> st.SearchStrategy[Command]:
    """Make commands of all kinds, nested in one another."""
    return _commands(3)


def command_sequences(*, max_size: int = 4) -> st.SearchStrategy[CommandSequence]:
    """Make whole scans.

    Args:
        max_size: Most commands at the top; bodies come on top of that.
    """
    return st.builds(CommandSequence, st.lists(commands(), max_size=max_size))


@cache
def _times() -> st.SearchStrategy[datetime]:
    """Make moments of whole milliseconds, as the server tells them."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return st.integers(0, 4_102_444_800_000).map(lambda count: epoch + timedelta(milliseconds=count))


@st.composite
def scan_infos(draw: st.DrawFn) -> ScanInfo:
    """Make `ScanInfo` in any state."""
    total = draw(st.just(0) | st.integers(1, 2**40))
    state = draw(st.sampled_from(ScanState))
    return ScanInfo(
        id=draw(st.integers(1, 2**63 - 1)),
        name=draw(texts()),
        created=draw(_times()),
        state=state,
        runtime=timedelta(milliseconds=draw(st.integers(0, 10**12))),
        total_work_units=total,
        performed_work_units=total if state.is_done else draw(st.integers(0, total)),
        finish=draw(st.none() | _times()),
        address=-1 if state.is_done else draw(st.integers(-1, 10**6)),
        command=draw(texts()),
        error=draw(st.none() | texts()),
    )


@cache
def device_infos() -> st.SearchStrategy[DeviceInfo]:
    """Make `DeviceInfo`."""
    return st.builds(DeviceInfo, name=device_names(), alias=device_names(), status=texts())


@cache
def scan_server_infos() -> st.SearchStrategy[ScanServerInfo]:
    """Make `ScanServerInfo`."""
    path = st.from_regex(r"[A-Za-z0-9_/:.\-]{1,20}", fullmatch=True)
    memory = st.integers(0, 2**50)
    return st.builds(
        ScanServerInfo,
        version=texts(),
        start_time=_times(),
        scan_config=texts(),
        script_paths=st.lists(path, max_size=3).map(tuple),
        macros=texts(),
        used_mem=memory,
        max_mem=memory,
        non_heap=memory,
    )


@cache
def simulation_results() -> st.SearchStrategy[SimulationResult]:
    """Make `SimulationResult`; its log is any text without outer blanks."""
    log = texts().map(lambda text: text.strip())
    return st.builds(SimulationResult, log=log, seconds=seconds())


@cache
def patches() -> st.SearchStrategy[Patch]:
    """Make `Patch` of any property."""
    name = st.from_regex(r"[a-z][a-z_]{0,15}", fullmatch=True)
    return st.builds(Patch, address=st.integers(0, 2**63 - 1), property=name, value=values())


@st.composite
def _device_logs(draw: st.DrawFn, name: str) -> DeviceLog:
    import numpy as np

    from scan_sdk.data import DeviceLog

    serials = sorted(draw(st.sets(st.integers(0, 30) | st.integers(0, 2**63 - 1), max_size=12)))
    times = draw(_lists_of(st.integers(0, 2**63 - 1), len(serials)))
    kind: str = draw(st.sampled_from(["numbers", "text", "rows"])) if serials else "numbers"
    value: list[Any]
    if kind == "text":
        # one that is neither a number nor a row makes it a column of texts
        value = [*draw(_lists_of(texts(), len(serials) - 1)), draw(st.sampled_from(["", "Open", "[x]"]))]
    elif kind == "rows":
        # one of two numbers or more makes it a column of rows: servers write a row of one as a number
        size = draw(st.integers(2, 3))
        alike = st.lists(st.floats(), min_size=size, max_size=size)
        rows = alike if draw(st.booleans()) else st.lists(st.floats(), max_size=3)
        value = [*draw(_lists_of(rows, len(serials) - 1)), draw(alike)]
    else:
        value = draw(_lists_of(st.floats(), len(serials)))
    return DeviceLog(name, np.array(serials, dtype=np.int64), np.array(times, dtype=np.int64), value)


def _lists_of(items: st.SearchStrategy[T], size: int) -> st.SearchStrategy[list[T]]:
    return st.lists(items, min_size=size, max_size=size)


@st.composite
def scan_data(draw: st.DrawFn) -> ScanData:
    """Make `ScanData` of up to four devices, each with its own serials: numbers, rows, texts or nothing."""
    from scan_sdk.data import ScanData

    found = draw(st.lists(device_names(), max_size=4, unique=True))
    return ScanData([draw(_device_logs(name)) for name in found])

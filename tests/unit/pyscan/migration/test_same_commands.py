"""What is rewritten as a whole makes the commands that the old script made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import Phase, assume, event, example, given, reject, settings
from hypothesis import strategies as st

from scan_sdk import CommandSequence, InvalidCommands, models
from scan_sdk.pyscan import ScanSettings as LegacySettings
from scan_sdk.pyscan import modern_of, setScanSettings
from scan_sdk.pyscan.migration import migrate

if TYPE_CHECKING:
    from scan_sdk.models import Command

DEVICES = st.sampled_from(
    ["'motor_x'", "'+p motor_y'", "'-c motor_x'", "'+r setpoint'", "'+c-r setpoint'", "'s'", "'neutrons'"]
)
NUMBERS = st.sampled_from(["0", "1", "-2.5", "1e3", ".5"])
BOOLS = st.sampled_from(["True", "False", "0", "1", "None"])
OPTIONS = {
    "completion": BOOLS,
    "readback": BOOLS | st.sampled_from(["'rbv'", "''"]),
    "readback_value": st.sampled_from(["None", "''", "'Done'", "3"]),
    "tolerance": st.sampled_from(["0.1", "2", "0.5", "0", "ZERO", "HALF", "NONE", "SOME", "None"]),
    "timeout": st.sampled_from(["0", "5.5", "ZERO", "HALF", "NONE"]),
    "comparison": st.sampled_from(["'='", "'>'", "'increase by'", "'<='"]),
    "errhandler": st.sampled_from(["None", "'H'"]),
}
MOVING = ("completion", "readback", "tolerance", "timeout")
WAITING = ("comparison", "tolerance", "timeout")


def options(*names: str) -> st.SearchStrategy[str]:
    """Arguments by name, each as its code."""
    chosen = st.fixed_dictionaries({}, optional={name: OPTIONS[name] for name in names})
    return chosen.map(lambda found: "".join(f", {name}={code}" for name, code in found.items()))


def calls(names: str, arguments: st.SearchStrategy[str], *optional: str) -> st.SearchStrategy[str]:
    """Calls of functions that take the same."""
    return st.builds(
        lambda name, given, device, more: f"{name}({device}, {given}{more})",
        st.sampled_from(names.split()),
        arguments,
        DEVICES,
        options(*optional, "errhandler"),
    )


STEPS = st.sampled_from(["1, 5, 1", "1, 5, 0.5", "1, 5, -1", "0, 0.2, .1"])
BODIES = st.builds("{}, {}".format, STEPS, st.sampled_from(["Log('s')", "[Log('s'), Wait('s', 1)]"]))
PLAIN = st.sampled_from(["'motor_x'", "'setpoint'"])
COMMANDS = st.one_of(
    calls("SettingsBasedSet", NUMBERS | st.just("'text'"), *MOVING, "readback_value"),
    calls("SettingsBasedWait", NUMBERS | st.just("'5'"), *WAITING),
    calls("SettingsBasedLoop", BODIES, *MOVING),
    calls("Set", NUMBERS | st.just("'text'"), *MOVING, "readback_value"),
    calls("Wait", NUMBERS | st.just("'5'"), *WAITING),
    calls("Loop", BODIES, *MOVING),
    st.builds("If('s', '=', {}, Log('s'){})".format, NUMBERS, options("tolerance", "errhandler")),
    st.builds("Parallel(Log('s'){})".format, options("timeout", "errhandler")),
    st.just("Set('y', 1, True, readback=True)"),
)
AXES = st.sampled_from(["('motor_x', 1, 5)", "('motor_y', 5, 1, -0.5)", "('setpoint', 0, 1, .1)"])
GRIDS = st.builds(
    lambda axis, parts: f"createNDimScan({', '.join(dict.fromkeys([*parts[:1], axis, *parts[1:]]))})",
    AXES,
    st.lists(COMMANDS | AXES | st.sampled_from(["'s'", "'setpoint'", "'t'"]), max_size=4),
)
CELLS = NUMBERS | st.sampled_from(
    ["''", "'range(3)'", "'[1, 2]'", "'loop(1,2,.5)'", "'text'", "[1, 'a']", "' 7 '"]
)
CONDITIONS = st.sampled_from(
    [
        "'', ''",
        "'seconds', '1:30'",
        "'neutrons', 5",
        "'completion', ''",
        "'motor_x', HALF",
        "'s', '5'",
        "['neutrons', 'motor_x'], 1",
    ]
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Tables of two devices, a comment and a condition, some with a column of time limits."""
    limited = draw(st.booleans())
    limits = st.sampled_from(["''", "9", "'0:10'"])
    devices = draw(DEVICES), draw(st.sampled_from(["'motor_9'", "'+p m'"]))
    headers = [*devices, "'Comment'", "'wait for'", "'Value'", *["'Or Time'"] * limited]
    rows = [
        f"[{draw(CELLS)}, {draw(CELLS)}, 'row', {draw(CONDITIONS)}{f', {draw(limits)}' if limited else ''}]"
        for _ in range(draw(st.integers(0, 4)))
    ]
    given = draw(
        st.sampled_from(
            ["", ", Delay(1)", ", [], None, Comment('start'), log_always=('t',)", ", stop=[Delay(2)]"]
        )
    )
    lines = draw(st.sampled_from(["", "True", "lineinfo=False"]))
    return f"TableScan([{', '.join(headers)}], [{', '.join(rows)}]{given}).createScan({lines})"


RULES = st.lists(
    st.builds(
        lambda pattern, o: f"{pattern}{o}",
        st.sampled_from(["'motor_.'", "'.*'", "'motor_x'", "'setpoint|neutrons'"]),
        options(*MOVING, "readback_value", "comparison"),
    ),
    max_size=3,
)
HELD_UP = "TableScan(['motor_x','wait for','Value'], [['','neutrons',5]]).createScan(True)"


def script_of(rules: list[str], code: str, *, named: bool = False) -> str:
    """A script that puts rules in force and makes commands."""
    defined = "".join(f"        self.defineDeviceClass({rule})\n" for rule in rules)
    naming = "    def getReadbackName(self, n):\n        if 'motor' in n:\n            return n + '.RBV'\n"
    return (
        "from scan import *\nZERO = 0\nHALF = 0.5\nNONE, SOME = 0, 0.3\n"
        "class Mine(ScanSettings):\n    def __init__(self):\n"
        f"        super().__init__()\n{defined}{naming * named}setScanSettings(Mine())\ncommands = {code}\n"
    )


@settings(max_examples=50, phases=[Phase.explicit, Phase.generate])
@example(["'.*', comparison='increase by', tolerance=0.5, timeout=5.5"], False, HELD_UP)
@given(RULES, st.booleans(), st.one_of(GRIDS, tables(), COMMANDS.map(lambda code: f"[{code}]")))
def test_what_is_rewritten_as_a_whole_makes_the_same_commands(
    rules: list[str], named: bool, code: str
) -> None:
    script = script_of(rules, code, named=named)
    migration = migrate(script.encode())
    event("whole" if migration.is_whole else "left alone")
    assume(migration.is_whole)
    before: dict[str, list[Command]] = {}
    after: dict[str, list[Command]] = {}
    try:
        try:
            exec(script.replace("from scan import", "from scan_sdk.pyscan import"), before)
            made = list(map(modern_of, before["commands"]))
        except (InvalidCommands, TypeError, ValueError):
            reject()  # no script that anyone has
        exec(migration.after, after)
        assert _sent(made) == _sent(after["commands"])
    finally:
        setScanSettings(LegacySettings())


def _sent(commands) -> CommandSequence:
    """Commands as they count: without what a server takes no notice of."""
    return CommandSequence(map(_effective, commands))


def _effective(command: Command) -> Command:
    changes: dict[str, object] = {}
    if isinstance(command, models.If | models.Loop | models.Parallel | models.Sequence):
        changes["body"] = tuple(map(_effective, command.body))
    if isinstance(command, models.Set | models.Loop):
        if not command.wait:
            changes |= {"tolerance": 0.1, "readback": ""}
        elif command.readback == command.device:
            changes["readback"] = ""
        if not command.wait and not command.completion:
            changes["timeout"] = 0.0
    return command.model_copy(update=changes)

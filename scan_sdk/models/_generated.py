"""The models, written from schemas/*.xsd by schemas/generate.py: not to edit."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AwareDatetime, Field, StrictBool

from scan_sdk.models._enums import ComparisonMethods, ScanStateMethods
from scan_sdk.models._methods import (
    IfMethods,
    IncludeMethods,
    LoopMethods,
    ScriptMethods,
    SetMethods,
    WaitMethods,
)
from scan_sdk.models._spelling import Body, Comparing, Nested
from scan_sdk.models.base import CommandModel, Explain, Model, Numeric, XmlField, constructor
from scan_sdk.models.config import PvConfigMethods, ScanConfigMethods
from scan_sdk.models.scans import ScanInfoMethods, SimulationResultMethods

__all__ = [
    "Comment",
    "Comparison",
    "ConfigLog",
    "Delay",
    "DeviceInfo",
    "If",
    "Include",
    "Log",
    "Loop",
    "Parallel",
    "Patch",
    "PvConfig",
    "ScanConfig",
    "ScanInfo",
    "ScanServerInfo",
    "ScanState",
    "Script",
    "Sequence",
    "Set",
    "SimulationResult",
    "Wait",
]

Text = Annotated[
    str,
    Field(strict=True, pattern="^[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*$"),
    Explain(
        "text", "give text of characters that XML 1.0 can carry: no control characters but tab, CR and LF"
    ),
]
"""Any text that XML 1.0 can carry."""


Name = Annotated[
    str,
    Field(
        strict=True,
        pattern="^[!-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]([ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*[!-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff])?$",
    ),
    Explain("name", "give a name: one line, not empty, no blanks around it, no control characters"),
]
"""A name of one line: not empty, without blanks around it."""


DeviceName = Annotated[
    str,
    Field(
        strict=True,
        pattern="^[!-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]([ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*[!-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff])?$",
    ),
    Explain(
        "device_name",
        "give the name of a PV or its alias on the server: one line, not empty, no blanks around it",
    ),
]
"""The name of a device: a PV, or the alias that the server's configuration gives it.

May hold macros such as `$(axis)`.
"""


Readback = Annotated[
    str,
    Field(
        strict=True,
        pattern="^([!-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]([ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*[!-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff])?)?$",
    ),
    Explain(
        "readback",
        "give True for the device itself, False for none, or the name of another device: one line, no blanks around it",
    ),
]
"""The name of the device to compare with; empty for the written one."""


Number = Annotated[
    float, Field(strict=True, allow_inf_nan=False), Numeric(), Explain("number", "give a finite number")
]
"""A finite number, held in double precision."""


Seconds = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=0),
    Numeric(),
    Explain("seconds", "give a time in seconds: a finite number, 0 or more"),
]
"""A time in seconds, 0 or more."""


Tolerance = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=0),
    Numeric(),
    Explain("tolerance", "give a tolerance: a finite number, 0 or more"),
]
"""The largest difference between two numbers that still count as equal."""


Value = Annotated[
    Text | Number,
    Field(union_mode="left_to_right"),
    Explain(
        "value",
        "give a finite number, or a text without control characters; the scan server takes no lists, booleans or None here",
    ),
]
"""A number, or a text in double quotes. Text without quotes that is no number is taken as text too."""


ValueOrTexts = Annotated[
    Text | Number | tuple[Text, ...],
    Field(union_mode="left_to_right"),
    Explain("value_or_texts", "give a finite number or a text, or a list of texts for IN and NOT_IN"),
]
"""A number or a text; for IN and NOT_IN texts, each in double quotes, with commas between."""


class Comparison(ComparisonMethods):
    """How a device's value is compared with the wanted one."""

    EQUALS = "EQUALS"
    """Numbers: within the tolerance. Text: the same."""
    UNEQUAL = "UNEQUAL"
    """Not the same; the tolerance plays no part."""
    ABOVE = "ABOVE"
    """Greater; text by the order of its characters."""
    AT_LEAST = "AT_LEAST"
    """Greater or the same."""
    BELOW = "BELOW"
    """Less."""
    AT_MOST = "AT_MOST"
    """Less or the same."""
    INCREASE_BY = "INCREASE_BY"
    """At least that much more than when the wait began; numbers, in `wait` only."""
    DECREASE_BY = "DECREASE_BY"
    """At least that much less than when the wait began; numbers, in `wait` only."""
    IN = "IN"
    """One of a list of texts, in `wait` only."""
    NOT_IN = "NOT_IN"
    """None of a list of texts, in `wait` only."""


CommandAddress = Annotated[
    int,
    Field(strict=True, ge=0),
    Explain(
        "command_address", "give the address of a command: a whole number, 0 or more, counted depth first"
    ),
]
"""The address of a command: all commands of the scan counted depth first from 0, those of included files left
out.
"""


PropertyName = Annotated[
    str,
    Field(strict=True, pattern="^[a-z][a-z_]*$"),
    Explain(
        "property_name", "give the name of a command's property in lower case, such as value or step_size"
    ),
]
"""The server's name of a property of a command."""


Count = Annotated[int, Field(strict=True, ge=0), Explain("count", "give a whole number, 0 or more")]
"""A whole number, 0 or more."""


Integer = Annotated[int, Field(strict=True), Explain("integer", "give a whole number")]
"""A whole number of 64 bits."""


class ScanState(ScanStateMethods):
    """Where a scan is in its life."""

    IDLE = "Idle"
    """Submitted, waiting in the queue."""
    RUNNING = "Running"
    """Performing its commands."""
    PAUSED = "Paused"
    """Held before its next command."""
    ABORTED = "Aborted"
    """Ended by someone, or by its timeout or deadline."""
    FAILED = "Failed"
    """Ended by an error."""
    FINISHED = "Finished"
    """Ended successfully."""
    LOGGED = "Logged"
    """From before a restart of the server: only its data is left, and how it ended is not known."""


Port = Annotated[
    int,
    Field(strict=True, ge=0, le=65535),
    Explain("port", "give a TCP port: a whole number from 0 to 65535"),
]
"""A TCP port; 0 takes a free one."""


Percentage = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=0, le=100),
    Numeric(),
    Explain("percentage", "give a percentage from 0 to 100"),
]
"""A percentage."""


Limit = Annotated[int, Field(strict=True, ge=0), Explain("limit", "give a whole number, 0 or more")]
"""A whole number, 0 for no limit."""


SlewRate = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, gt=0),
    Numeric(),
    Explain("slew_rate", "give a rate in units per second: a finite number above 0"),
]
"""How fast a device moves, in its units per second."""


class PvConfig(PvConfigMethods):
    """What the server knows of one PV, or of all whose name fits a pattern."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("name", "name", "text", omit=True),
        XmlField("name_pattern", "name_pattern", "text", omit=True),
        XmlField("alias", "alias", "text", omit=True),
        XmlField("slew_rate", "slew_rate", "number", omit=True),
        XmlField("minimum", "minimum", "text", omit=True),
        XmlField("maximum", "maximum", "text", omit=True),
    )

    name: Name | None = Field(default=None, description="Name of the PV.")
    """Name of the PV."""
    name_pattern: Text | None = Field(
        default=None, description="Regular expression that the whole name must fit; needs a slew rate."
    )
    """Regular expression that the whole name must fit; needs a slew rate."""
    alias: Name | None = Field(default=None, description="Short name by which commands may call it.")
    """Short name by which commands may call it."""
    slew_rate: SlewRate | None = Field(
        default=None,
        description="How fast it moves, in units per second, for simulation; 0.05 where nothing is said.",
    )
    """How fast it moves, in units per second, for simulation; 0.05 where nothing is said."""
    minimum: Name | None = Field(default=None, description="PV that holds its lower limit, for simulation.")
    """PV that holds its lower limit, for simulation."""
    maximum: Name | None = Field(default=None, description="PV that holds its upper limit, for simulation.")
    """PV that holds its upper limit, for simulation."""


class Comment(CommandModel):
    """Print a text in the server's log; does nothing to devices.

    Example:
        >>> Comment("Start of the night shift")
        Comment('Start of the night shift')
    """

    _XML_TAG: ClassVar[str] = "comment"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("text", "text", "text", default="", patch="comment"),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("text",)
    command: Literal["comment"] = Field(default="comment", description="Tells the commands apart in JSON.")

    text: Text = Field(description="The text; macros in it are replaced when it is printed.")
    """The text; macros in it are replaced when it is printed."""

    @constructor
    def __init__(self, text: str) -> None:
        """Print a text in the server's log; does nothing to devices.

        Args:
            text: The text; macros in it are replaced when it is printed.
        """


class ConfigLog(CommandModel):
    """Switch automatic logging of every write on or off.

    Example:
        >>> ConfigLog(True)
        ConfigLog(True)
    """

    _XML_TAG: ClassVar[str] = "config_log"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("automatic", "automatic", "boolean", default=False),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("automatic",)
    command: Literal["config_log"] = Field(
        default="config_log", description="Tells the commands apart in JSON."
    )

    automatic: StrictBool = Field(
        description="Whether each write from here on is logged, as the readback where there is one."
    )
    """Whether each write from here on is logged, as the readback where there is one."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(self, automatic: bool, *, error_handler: str = "") -> None:
        """Switch automatic logging of every write on or off.

        Args:
            automatic: Whether each write from here on is logged, as the readback where there is one.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class ScanConfig(ScanConfigMethods):
    """The configuration of a scan server."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("port", "port", "integer", default=4810),
        XmlField("data_log", "data_log", "text", default="scan_log_db"),
        XmlField("pre_scan", "pre_scan", "list", default=()),
        XmlField("post_scan", "post_scan", "list", default=()),
        XmlField("status_pv_prefix", "status_pv_prefix", "text", default=""),
        XmlField("read_timeout", "read_timeout", "number", default=20.0),
        XmlField("paths", "path", "list", default=()),
        XmlField("simulation_hook", "simulation_hook", "text", default=""),
        XmlField("macros", "macros", "text", default=""),
        XmlField("old_scan_removal_threshold", "old_scan_removal_threadhold", "number", default=50.0),
        XmlField("log_limit", "log_limit", "integer", default=0),
        XmlField("pvs", "pv", "models", default=()),
    )

    port: Port = Field(default=4810, description="TCP port to listen on.")
    """TCP port to listen on."""
    data_log: Text = Field(default="scan_log_db", description="Where logged data is kept, a folder.")
    """Where logged data is kept, a folder."""
    pre_scan: tuple[Text, ...] = Field(
        default=(), description="File of commands to perform before each scan."
    )
    """File of commands to perform before each scan."""
    post_scan: tuple[Text, ...] = Field(
        default=(), description="File of commands to perform after each scan, however it ended."
    )
    """File of commands to perform after each scan, however it ended."""
    status_pv_prefix: Text = Field(
        default="",
        description="Prefix of the PVs Active, State, Status, Progress and Finish that the server keeps up to date; empty for none.",
    )
    """Prefix of the PVs Active, State, Status, Progress and Finish that the server keeps up to date; empty
    for none.
    """
    read_timeout: Seconds = Field(default=20.0, description="Longest time to read a device, in seconds.")
    """Longest time to read a device, in seconds."""
    paths: tuple[Text, ...] = Field(
        default=(), description="Folder of scripts and included files; searched in order."
    )
    """Folder of scripts and included files; searched in order."""
    simulation_hook: Text = Field(
        default="",
        description="Class on the script path that handles commands in simulation; empty for none.",
    )
    """Class on the script path that handles commands in simulation; empty for none."""
    macros: Text = Field(default="", description="Macros in force for all scans, as `name=value, other=42`.")
    """Macros in force for all scans, as `name=value, other=42`."""
    old_scan_removal_threshold: Percentage = Field(
        default=50.0,
        description="Use of memory, in per cent, from which old scans are dropped. The element is spelled so.",
    )
    """Use of memory, in per cent, from which old scans are dropped. The element is spelled so."""
    log_limit: Limit = Field(default=0, description="How many scans to keep; 0 for all.")
    """How many scans to keep; 0 for all."""
    pvs: tuple[PvConfig, ...] = Field(default=(), description="PVs with alias, slew rate and limits.")
    """PVs with alias, slew rate and limits."""


class Delay(CommandModel):
    """Wait for a time; while the scan is paused the time stands still.

    Example:
        >>> Delay(2.5)
        Delay(2.5)
    """

    _XML_TAG: ClassVar[str] = "delay"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("seconds", "seconds", "number", default=0.0),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("seconds",)
    command: Literal["delay"] = Field(default="delay", description="Tells the commands apart in JSON.")

    seconds: Seconds = Field(description="How long, in seconds.")
    """How long, in seconds."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(self, seconds: float, *, error_handler: str = "") -> None:
        """Wait for a time; while the scan is paused the time stands still.

        Args:
            seconds: How long, in seconds.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class DeviceInfo(Model):
    """A device that a scan uses, or that the server's configuration names."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("name", "name", "text"),
        XmlField("alias", "alias", "text"),
        XmlField("status", "status", "text", default="", omit=True),
    )

    name: Text = Field(description="Name of the PV.")
    """Name of the PV."""
    alias: Text = Field(description="Its alias; the name of the PV where it has none.")
    """Its alias; the name of the PV where it has none."""
    status: Text = Field(
        default="", description="Its value, `Disconnected`, or `no PV` where no scan uses it."
    )
    """Its value, `Disconnected`, or `no PV` where no scan uses it."""


class If(IfMethods):
    """Read a device once, and perform the body if the value meets a condition.

    Example:
        >>> If("shutter", "=", "Closed", [Set("shutter", "Open"), Delay(1)])
        If('shutter', '=', 'Closed', [Set('shutter', 'Open'), Delay(1)])
    """

    _XML_TAG: ClassVar[str] = "if"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text", patch="device_name"),
        XmlField("value", "value", "value", default=0.0, patch="desired_value"),
        XmlField("comparison", "comparison", "enum", default=Comparison("EQUALS")),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "comparison", "value")
    _TRAILING: ClassVar[str | None] = "body"
    command: Literal["if"] = Field(default="if", description="Tells the commands apart in JSON.")

    device: DeviceName = Field(description="The device to read.")
    """The device to read."""
    value: Value = Field(description="The value to compare with.")
    """The value to compare with."""
    comparison: Annotated[
        Comparison,
        Explain(
            "comparison",
            "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in', or its name such as AT_LEAST",
        ),
    ] = Field(description="How the device's value must relate to it.")
    """How the device's value must relate to it."""
    tolerance: Tolerance = Field(
        default=0.1,
        description="How far two numbers may be apart that count as equal, in the device's units.",
    )
    """How far two numbers may be apart that count as equal, in the device's units."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""
    body: Body = Field(default=(), description="The commands to perform.")
    """The commands to perform."""

    @constructor
    def __init__(
        self,
        device: str,
        comparison: Comparing,
        value: float | str,
        *commands: Nested,
        body: Iterable[Nested] = (),
        tolerance: float = 0.1,
        error_handler: str = "",
    ) -> None:
        """Read a device once, and perform the body if the value meets a condition.

        Args:
            device: The device to read.
            comparison: How the device's value must relate to it.
            value: The value to compare with.
            *commands: The commands to perform.
            body: The same as one list; what stands before it comes first.
            tolerance: How far two numbers may be apart that count as equal, in the device's units. Default:
                0.1.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Include(IncludeMethods):
    """Perform the commands of a file on the server's script path.

    Example:
        >>> Include("prepare.scn", macros={"device": "motor_x"})
        Include('prepare.scn', macros='device=motor_x')
    """

    _XML_TAG: ClassVar[str] = "include"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("scan_file", "scan_file", "text"),
        XmlField("macros", "macros", "text", default=""),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("scan_file", "macros")
    command: Literal["include"] = Field(default="include", description="Tells the commands apart in JSON.")

    scan_file: Name = Field(description="Name of the file, searched for on the script path of the server.")
    """Name of the file, searched for on the script path of the server."""
    macros: Text = Field(
        default="", description="Macros for the file and what it includes, as `name=value, other=42`."
    )
    """Macros for the file and what it includes, as `name=value, other=42`."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(
        self, scan_file: str, macros: str | Mapping[str, str | float] = "", *, error_handler: str = ""
    ) -> None:
        """Perform the commands of a file on the server's script path.

        Args:
            scan_file: Name of the file, searched for on the script path of the server.
            macros: Macros for the file and what it includes, as a mapping, or as `name=value, other=42`.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Log(CommandModel):
    """Read devices and log their values under one serial.

    Example:
        >>> Log("motor_x", "neutrons")
        Log('motor_x', 'neutrons')
    """

    _XML_TAG: ClassVar[str] = "log"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("devices", "devices", "list", item="device", patch="device_names"),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ()
    _TRAILING: ClassVar[str | None] = "devices"
    command: Literal["log"] = Field(default="log", description="Tells the commands apart in JSON.")

    devices: Annotated[
        tuple[DeviceName, ...],
        Field(min_length=1),
        Explain("devices", "give one or more names of devices, for example Log('motor_x', 'neutrons')"),
    ] = Field(description="The devices to log, one or more.")
    """The devices to log, one or more."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(self, *devices: str | Iterable[str], error_handler: str = "") -> None:
        """Read devices and log their values under one serial.

        Args:
            *devices: The devices to log, one or more.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Loop(LoopMethods):
    """Set a device to each of a row of values, and perform the body at each.

    The values are `start`, `start + step`, … up to and including `end`; the last step is cut short where the
    steps do not meet the end. Where the sign of `step` points away from the end, the values are gone through
    in alternating directions each time that the loop runs, which suits inner loops. `completion`, `readback`,
    `tolerance` and `timeout` hold for each step as for `Set`.

    Example:
        >>> Loop("motor_x", 1, 10, 0.5, [Log("motor_x")], readback=True)
        Loop('motor_x', 1, 10, 0.5, [Log('motor_x')], readback=True)
    """

    _XML_TAG: ClassVar[str] = "loop"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text", patch="device_name"),
        XmlField("start", "start", "number", default=0.0),
        XmlField("end", "end", "number", default=10.0),
        XmlField("step", "step", "number", default=1.0, patch="step_size"),
        XmlField("completion", "completion", "boolean", default=False, omit=True),
        XmlField("wait", "wait", "boolean", default=True, omit=True),
        XmlField("readback", "readback", "text", default="", omit=True),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "start", "end", "step")
    _TRAILING: ClassVar[str | None] = "body"
    command: Literal["loop"] = Field(default="loop", description="Tells the commands apart in JSON.")

    device: DeviceName = Field(description="The device to step.")
    """The device to step."""
    start: Number = Field(description="The first value.")
    """The first value."""
    end: Number = Field(
        description="The last value; the last step is cut short where the steps do not meet it."
    )
    """The last value; the last step is cut short where the steps do not meet it."""
    step: Number = Field(
        description="The distance between values. Where its sign points away from the end, the loop changes direction each time it runs."
    )
    """The distance between values.

    Where its sign points away from the end, the loop changes direction each time it runs.
    """
    completion: StrictBool = Field(
        default=False,
        description="Whether to wait at each step until the device reports that the write is completed (EPICS put-callback).",
    )
    """Whether to wait at each step until the device reports that the write is completed (EPICS put-callback).
    """
    wait: StrictBool = Field(
        default=False, description="Whether to wait at each step until the readback shows the value."
    )
    """Whether to wait at each step until the readback shows the value."""
    readback: Readback = Field(
        default="",
        description="The device whose value must come to the written one. Left out: the stepped device itself.",
    )
    """The device whose value must come to the written one. Left out: the stepped device itself."""
    tolerance: Tolerance = Field(
        default=0.1, description="How far the readback may be off, in the device's units."
    )
    """How far the readback may be off, in the device's units."""
    timeout: Seconds = Field(
        default=0.0,
        description="Longest time for completion, or for the readback where there is no completion, of each step in seconds; 0 waits for ever.",
    )
    """Longest time for completion, or for the readback where there is no completion, of each step in seconds;
    0 waits for ever.
    """
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""
    body: Body = Field(default=(), description="The commands to perform at each value.")
    """The commands to perform at each value."""

    @constructor
    def __init__(
        self,
        device: str,
        start: float,
        end: float,
        step: float,
        *commands: Nested,
        body: Iterable[Nested] = (),
        completion: bool = False,
        readback: bool | str = False,
        tolerance: float = 0.1,
        timeout: float = 0,
        error_handler: str = "",
    ) -> None:
        """Set a device to each of a row of values, and perform the body at each.

        Args:
            device: The device to step.
            start: The first value.
            end: The last value; the last step is cut short where the steps do not meet it.
            step: The distance between values. Where its sign points away from the end, the loop changes
                direction each time it runs.
            *commands: The commands to perform at each value.
            body: The same as one list; what stands before it comes first.
            completion: Whether to wait at each step until the device reports that the write is completed
                (EPICS put-callback). Default: False.
            readback: True to wait until the stepped device itself shows the value, or the name of another
                device that must; False not to wait. Default: False.
            tolerance: How far the readback may be off, in the device's units. Default: 0.1.
            timeout: Longest time for completion, or for the readback where there is no completion, of each
                step in seconds; 0 waits for ever. Default: 0.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Parallel(CommandModel):
    """Perform the commands of the body at the same time; ends when all have ended, or with the first error.

    Example:
        >>> Parallel(Set("motor_x", 1), Set("motor_y", 2), timeout=5)
        Parallel([Set('motor_x', 1), Set('motor_y', 2)], timeout=5)
    """

    _XML_TAG: ClassVar[str] = "parallel"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ()
    _TRAILING: ClassVar[str | None] = "body"
    command: Literal["parallel"] = Field(default="parallel", description="Tells the commands apart in JSON.")

    timeout: Seconds = Field(
        default=0.0, description="Longest time for all of them, in seconds; 0 waits for ever."
    )
    """Longest time for all of them, in seconds; 0 waits for ever."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""
    body: Body = Field(default=(), description="The commands to perform.")
    """The commands to perform."""

    @constructor
    def __init__(
        self, *commands: Nested, body: Iterable[Nested] = (), timeout: float = 0, error_handler: str = ""
    ) -> None:
        """Perform the commands of the body at the same time; ends when all have ended, or with the first
        error.

        Args:
            *commands: The commands to perform.
            body: The same as one list; what stands before it comes first.
            timeout: Longest time for all of them, in seconds; 0 waits for ever. Default: 0.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Patch(Model):
    """A change to one property of one command of a scan that has yet to perform it."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("address", "address", "integer"),
        XmlField("property", "property", "text"),
        XmlField("value", "value", "value", default=0.0),
    )

    address: CommandAddress = Field(
        description="Which command. Only those at the top and in bodies of loops are found."
    )
    """Which command. Only those at the top and in bodies of loops are found."""
    property: PropertyName = Field(description="Which property.")
    """Which property."""
    value: Value = Field(description="Its new value.")
    """Its new value."""


class ScanInfo(ScanInfoMethods):
    """What the server says of one scan at one moment."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("id", "id", "integer"),
        XmlField("name", "name", "text"),
        XmlField("created", "created", "time"),
        XmlField("state", "state", "enum"),
        XmlField("runtime", "runtime", "duration", default=timedelta(milliseconds=0)),
        XmlField("total_work_units", "total_work_units", "integer", default=0, omit=True),
        XmlField("performed_work_units", "performed_work_units", "integer", default=0, omit=True),
        XmlField("finish", "finish", "time", omit=True),
        XmlField("address", "address", "integer", default=-1),
        XmlField("command", "command", "text", default=""),
        XmlField("error", "error", "text", omit=True),
    )

    id: Integer = Field(description="The scan's number on its server.")
    """The scan's number on its server."""
    name: Text = Field(description="The name it was submitted under.")
    """The name it was submitted under."""
    created: AwareDatetime = Field(description="When it was submitted, by the server's clock.")
    """When it was submitted, by the server's clock."""
    state: Annotated[ScanState, Explain("scan_state", "give a state of a scan, such as Running")] = Field(
        description="Where it is in its life."
    )
    """Where it is in its life."""
    runtime: timedelta = Field(default=timedelta(milliseconds=0), description="How long it has run, or ran.")
    """How long it has run, or ran."""
    total_work_units: Count = Field(
        default=0,
        description="How many units of work it has, about one for each command performed; 0 where that is not known.",
    )
    """How many units of work it has, about one for each command performed; 0 where that is not known."""
    performed_work_units: Count = Field(
        default=0,
        description="How many units of work are done; all of them once the scan has ended, however it ended.",
    )
    """How many units of work are done; all of them once the scan has ended, however it ended."""
    finish: AwareDatetime | None = Field(
        default=None, description="When it ended, or while it runs the server's guess of when it will."
    )
    """When it ended, or while it runs the server's guess of when it will."""
    address: Integer = Field(
        default=-1, description="Address of the command being performed, -1 where there is none."
    )
    """Address of the command being performed, -1 where there is none."""
    command: Text = Field(
        default="", description="The command being performed, in words; `- end -` after the last."
    )
    """The command being performed, in words; `- end -` after the last."""
    error: Text | None = Field(default=None, description="Why it failed or was aborted.")
    """Why it failed or was aborted."""


class ScanServerInfo(Model):
    """What the server says of itself."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("version", "version", "text"),
        XmlField("start_time", "start_time", "time"),
        XmlField("scan_config", "scan_config", "text", default=""),
        XmlField("script_paths", "script_paths", "paths", default=()),
        XmlField("macros", "macros", "text", default=""),
        XmlField("used_mem", "used_mem", "integer", default=0),
        XmlField("max_mem", "max_mem", "integer", default=0),
        XmlField("non_heap", "non_heap", "integer", default=0),
    )

    version: Text = Field(description="Version of the server's program.")
    """Version of the server's program."""
    start_time: AwareDatetime = Field(description="When it was started, by its own clock.")
    """When it was started, by its own clock."""
    scan_config: Text = Field(default="", description="Where its configuration was read from, as a URL.")
    """Where its configuration was read from, as a URL."""
    script_paths: tuple[str, ...] = Field(
        default=(), description="The folders where it looks for scripts and included files, in order."
    )
    """The folders where it looks for scripts and included files, in order."""
    macros: Text = Field(default="", description="Macros in force for all scans, as `name=value, other=42`.")
    """Macros in force for all scans, as `name=value, other=42`."""
    used_mem: Integer = Field(default=0, description="Memory in use, in bytes.")
    """Memory in use, in bytes."""
    max_mem: Integer = Field(default=0, description="Memory that it may use, in bytes.")
    """Memory that it may use, in bytes."""
    non_heap: Integer = Field(default=0, description="Memory in use outside of the heap, in bytes.")
    """Memory in use outside of the heap, in bytes."""


class Script(ScriptMethods):
    """Run a Python class on the server: `MyScript` of `myscript.py` on its script path.

    Arguments that are numbers are sent as text, as the server knows no others.

    Example:
        >>> Script("SumUp", "neutrons", 10)
        Script('SumUp', 'neutrons', '10')
    """

    _XML_TAG: ClassVar[str] = "script"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("path", "path", "text", patch="script"),
        XmlField("arguments", "arguments", "list", default=(), item="argument"),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("path",)
    _TRAILING: ClassVar[str | None] = "arguments"
    command: Literal["script"] = Field(default="script", description="Tells the commands apart in JSON.")

    path: Name = Field(description="Name of the class.")
    """Name of the class."""
    arguments: Annotated[
        tuple[Text, ...], Explain("arguments", "give texts or numbers, for example Script('SumUp', 'x', 10)")
    ] = Field(default=(), description="What its constructor is called with, all as text.")
    """What its constructor is called with, all as text."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(self, path: str, *arguments: str | float, error_handler: str = "") -> None:
        """Run a Python class on the server: `MyScript` of `myscript.py` on its script path.

        Args:
            path: Name of the class.
            *arguments: What its constructor is called with, all as text.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Sequence(CommandModel):
    """Perform the commands of the body one after the other, as one command; of use within `Parallel`.

    Example:
        >>> Parallel(Delay(1), Sequence(Set("motor_x", 1), Set("motor_y", 2)))
        Parallel([Delay(1), Sequence([Set('motor_x', 1), Set('motor_y', 2)])])
    """

    _XML_TAG: ClassVar[str] = "sequence"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ()
    _TRAILING: ClassVar[str | None] = "body"
    command: Literal["sequence"] = Field(default="sequence", description="Tells the commands apart in JSON.")

    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""
    body: Body = Field(default=(), description="The commands to perform.")
    """The commands to perform."""

    @constructor
    def __init__(self, *commands: Nested, body: Iterable[Nested] = (), error_handler: str = "") -> None:
        """Perform the commands of the body one after the other, as one command; of use within `Parallel`.

        Args:
            *commands: The commands to perform.
            body: The same as one list; what stands before it comes first.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class Set(SetMethods):
    """Write a value to a device, and wait for it to get there if told so.

    With `completion` the scan goes on when the device reports that the write is completed (EPICS
    put-callback). With `readback` it goes on when that device, or the written one for True, shows the value
    within `tolerance`. With both, the readback is compared for a second after completion.

    Example:
        >>> Set("motor_x", 10, completion=True, readback="motor_x.RBV", tolerance=0.01, timeout=30)
        Set('motor_x', 10, completion=True, readback='motor_x.RBV', tolerance=0.01, timeout=30)
    """

    _XML_TAG: ClassVar[str] = "set"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text", patch="device_name"),
        XmlField("value", "value", "value", default=0.0),
        XmlField("completion", "completion", "boolean", default=False, omit=True),
        XmlField("wait", "wait", "boolean", default=True, omit=True),
        XmlField("readback", "readback", "text", default="", omit=True),
        XmlField("readback_value", "readback_value", "value", omit=True),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "value")
    command: Literal["set"] = Field(default="set", description="Tells the commands apart in JSON.")

    device: DeviceName = Field(description="The device to write.")
    """The device to write."""
    value: Value = Field(description="What to write, a number or a text.")
    """What to write, a number or a text."""
    completion: StrictBool = Field(
        default=False,
        description="Whether to wait until the device reports that the write is completed (EPICS put-callback).",
    )
    """Whether to wait until the device reports that the write is completed (EPICS put-callback)."""
    wait: StrictBool = Field(default=False, description="Whether to wait until the readback shows the value.")
    """Whether to wait until the readback shows the value."""
    readback: Readback = Field(
        default="",
        description="The device whose value must come to the written one. Left out: the written device itself.",
    )
    """The device whose value must come to the written one. Left out: the written device itself."""
    readback_value: Value | None = Field(
        default=None,
        description="The value to expect of the readback where it is not the written one, for example a status text.",
    )
    """The value to expect of the readback where it is not the written one, for example a status text."""
    tolerance: Tolerance = Field(
        default=0.1, description="How far a numeric readback may be off, in the device's units."
    )
    """How far a numeric readback may be off, in the device's units."""
    timeout: Seconds = Field(
        default=0.0,
        description="Longest time for completion, or for the readback where there is no completion, in seconds; 0 waits for ever.",
    )
    """Longest time for completion, or for the readback where there is no completion, in seconds; 0 waits for
    ever.
    """
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(
        self,
        device: str,
        value: float | str,
        *,
        completion: bool = False,
        readback: bool | str = False,
        readback_value: float | str | None = None,
        tolerance: float = 0.1,
        timeout: float = 0,
        error_handler: str = "",
    ) -> None:
        """Write a value to a device, and wait for it to get there if told so.

        Args:
            device: The device to write.
            value: What to write, a number or a text.
            completion: Whether to wait until the device reports that the write is completed (EPICS
                put-callback). Default: False.
            readback: True to wait until the written device itself shows the value, or the name of another
                device that must; False not to wait. Default: False.
            readback_value: The value to expect of the readback where it is not the written one, for example a
                status text.
            tolerance: How far a numeric readback may be off, in the device's units. Default: 0.1.
            timeout: Longest time for completion, or for the readback where there is no completion, in
                seconds; 0 waits for ever. Default: 0.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


class SimulationResult(SimulationResultMethods):
    """What a scan would do, and how long it would take."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("log", "log", "text"),
        XmlField("seconds", "seconds", "number"),
    )

    log: Text = Field(description="The steps, a line for each.")
    """The steps, a line for each."""
    seconds: Number = Field(description="The estimated time, in seconds.")
    """The estimated time, in seconds."""


class Wait(WaitMethods):
    """Wait until the value of a device meets a condition.

    Numbers are equal within `tolerance`. INCREASE_BY and DECREASE_BY compare with the value at the start of
    the wait. IN and NOT_IN take a list of texts. Without `timeout` the wait may last for ever.

    Example:
        >>> Wait("counts", 1e6, comparison=">=", timeout=10)
        Wait('counts', 1000000, comparison='>=', timeout=10)
        >>> Wait("shutter", ["Open", "Moving"], comparison="in")
        Wait('shutter', ['Open', 'Moving'], comparison='in')
    """

    _XML_TAG: ClassVar[str] = "wait"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text", patch="device_name"),
        XmlField("value", "value", "value", default=0.0, patch="desired_value"),
        XmlField("comparison", "comparison", "enum", default=Comparison("EQUALS")),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "value", "comparison")
    command: Literal["wait"] = Field(default="wait", description="Tells the commands apart in JSON.")

    device: DeviceName = Field(description="The device to watch.")
    """The device to watch."""
    value: ValueOrTexts = Field(
        description="The value to compare with; for IN and NOT_IN a list of texts, each in quotes, with commas between."
    )
    """The value to compare with; for IN and NOT_IN a list of texts, each in quotes, with commas between."""
    comparison: Annotated[
        Comparison,
        Explain(
            "comparison",
            "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in', or its name such as AT_LEAST",
        ),
    ] = Field(default=Comparison("EQUALS"), description="How the device's value must relate to it.")
    """How the device's value must relate to it."""
    tolerance: Tolerance = Field(
        default=0.1,
        description="How far two numbers may be apart that count as equal, in the device's units.",
    )
    """How far two numbers may be apart that count as equal, in the device's units."""
    timeout: Seconds = Field(default=0.0, description="Longest time to wait, in seconds; 0 waits for ever.")
    """Longest time to wait, in seconds; 0 waits for ever."""
    error_handler: Text = Field(
        default="",
        description="Class on the script path that decides what happens after an error: abort, continue or retry.",
    )
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

    @constructor
    def __init__(
        self,
        device: str,
        value: float | str | Iterable[str],
        comparison: Comparing = "=",
        *,
        tolerance: float = 0.1,
        timeout: float = 0,
        error_handler: str = "",
    ) -> None:
        """Wait until the value of a device meets a condition.

        Args:
            device: The device to watch.
            value: The value to compare with; for IN and NOT_IN a list of texts, each in quotes, with commas
                between.
            comparison: How the device's value must relate to it. Default: '='.
            tolerance: How far two numbers may be apart that count as equal, in the device's units. Default:
                0.1.
            timeout: Longest time to wait, in seconds; 0 waits for ever. Default: 0.
            error_handler: Class on the script path that decides what happens after an error: abort, continue
                or retry.
        """


Known: TypeAlias = (
    Comment | Delay | ConfigLog | Log | Set | Wait | If | Loop | Parallel | Sequence | Include | Script
)
"""Any of the commands that the scan server has."""
COMMANDS: tuple[type[CommandModel], ...] = (
    Comment,
    Delay,
    ConfigLog,
    Log,
    Set,
    Wait,
    If,
    Loop,
    Parallel,
    Sequence,
    Include,
    Script,
)
"""The classes of the commands that the scan server has."""

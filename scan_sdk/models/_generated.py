"""Fields of the wire models, generated from schemas/*.xsd by schemas/generate.py: not to edit."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StrictBool

from scan_sdk.models.base import CommandModel, Explain, Model, Numeric, XmlField
from scan_sdk.models._enums import ComparisonMethods, ScanStateMethods


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


class PvConfigBase(Model):
    """What the server knows of one PV, or of all whose name fits a pattern."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("name", "name", "text", omit=True),
        XmlField("name_pattern", "name_pattern", "text", omit=True),
        XmlField("alias", "alias", "text", omit=True),
        XmlField("slew_rate", "slew_rate", "number", omit=True),
        XmlField("minimum", "minimum", "text", omit=True),
        XmlField("maximum", "maximum", "text", omit=True),
    )

    name: Name | None = None
    """Name of the PV."""
    name_pattern: Text | None = None
    """Regular expression that the whole name must fit; needs a slew rate."""
    alias: Name | None = None
    """Short name by which commands may call it."""
    slew_rate: SlewRate | None = None
    """How fast it moves, in units per second, for simulation; 0.05 where nothing is said."""
    minimum: Name | None = None
    """PV that holds its lower limit, for simulation."""
    maximum: Name | None = None
    """PV that holds its upper limit, for simulation."""


class CommentBase(CommandModel):
    """Print a text in the server's log; does nothing to devices."""

    _XML_TAG: ClassVar[str] = "comment"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (XmlField("text", "text", "text", default=""),)

    command: Literal["comment"] = "comment"
    """Tells the commands apart in JSON."""
    text: Text
    """The text; macros in it are replaced when it is printed."""


class ConfigLogBase(CommandModel):
    """Switch automatic logging of every write on or off."""

    _XML_TAG: ClassVar[str] = "config_log"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("automatic", "automatic", "boolean", default=False),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["config_log"] = "config_log"
    """Tells the commands apart in JSON."""
    automatic: StrictBool
    """Whether each write from here on is logged, as the readback where there is one."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class ConfigurationBase(Model):
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

    port: Port = 4810
    """TCP port to listen on."""
    data_log: Text = "scan_log_db"
    """Where logged data is kept, a folder."""
    pre_scan: tuple[Text, ...] = ()
    """File of commands to perform before each scan."""
    post_scan: tuple[Text, ...] = ()
    """File of commands to perform after each scan, however it ended."""
    status_pv_prefix: Text = ""
    """Prefix of the PVs Active, State, Status, Progress and Finish that the server keeps up to date; empty for
    none.
    """
    read_timeout: Seconds = 20.0
    """Longest time to read a device, in seconds."""
    paths: tuple[Text, ...] = ()
    """Folder of scripts and included files; searched in order."""
    simulation_hook: Text = ""
    """Class on the script path that handles commands in simulation; empty for none."""
    macros: Text = ""
    """Macros in force for all scans, as `name=value, other=42`."""
    old_scan_removal_threshold: Percentage = 50.0
    """Use of memory, in per cent, from which old scans are dropped. The element is spelled so."""
    log_limit: Limit = 0
    """How many scans to keep; 0 for all."""


class DelayBase(CommandModel):
    """Wait for a time; while the scan is paused the time stands still."""

    _XML_TAG: ClassVar[str] = "delay"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("seconds", "seconds", "number", default=0.0),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["delay"] = "delay"
    """Tells the commands apart in JSON."""
    seconds: Seconds
    """How long, in seconds."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class DeviceInfoBase(Model):
    """A device that a scan uses, or that the server's configuration names."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("name", "name", "text"),
        XmlField("alias", "alias", "text"),
        XmlField("status", "status", "text", default="", omit=True),
    )

    name: Text
    """Name of the PV."""
    alias: Text
    """Its alias; the name of the PV where it has none."""
    status: Text = ""
    """Its value, `Disconnected`, or `no PV` where no scan uses it."""


class ErrorReportBase(Model):
    """Why a submit or a simulation was refused."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("message", "message", "text"),
        XmlField("trace", "trace", "text", default=""),
    )

    message: Text
    """What could not be done."""
    trace: Text = ""
    """The server's stack trace, whose first line is the reason."""


class IfBase(CommandModel):
    """Read a device once, and perform the body if the value meets a condition."""

    _XML_TAG: ClassVar[str] = "if"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text"),
        XmlField("value", "value", "value", default=0.0),
        XmlField("comparison", "comparison", "enum", default=Comparison.EQUALS),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["if"] = "if"
    """Tells the commands apart in JSON."""
    device: DeviceName
    """The device to read."""
    value: Value
    """The value to compare with."""
    comparison: Annotated[
        Comparison,
        Explain(
            "comparison",
            "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in', or its name such as AT_LEAST",
        ),
    ]
    """How the device's value must relate to it."""
    tolerance: Tolerance = 0.1
    """How far two numbers may be apart that count as equal, in the device's units."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class IncludeBase(CommandModel):
    """Perform the commands of a file on the server's script path."""

    _XML_TAG: ClassVar[str] = "include"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("scan_file", "scan_file", "text"),
        XmlField("macros", "macros", "text", default=""),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["include"] = "include"
    """Tells the commands apart in JSON."""
    scan_file: Name
    """Name of the file, searched for on the script path of the server."""
    macros: Text = ""
    """Macros for the file and what it includes, as `name=value, other=42`."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class LogBase(CommandModel):
    """Read devices and log their values under one serial."""

    _XML_TAG: ClassVar[str] = "log"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("devices", "devices", "list", item="device"),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["log"] = "log"
    """Tells the commands apart in JSON."""
    devices: tuple[DeviceName, ...]
    """The devices to log, one or more."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class LoopBase(CommandModel):
    """Set a device to each of a row of values, and perform the body at each."""

    _XML_TAG: ClassVar[str] = "loop"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text"),
        XmlField("start", "start", "number", default=0.0),
        XmlField("end", "end", "number", default=10.0),
        XmlField("step", "step", "number", default=1.0),
        XmlField("completion", "completion", "boolean", default=False, omit=True),
        XmlField("wait", "wait", "boolean", default=True, omit=True),
        XmlField("readback", "readback", "text", default="", omit=True),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["loop"] = "loop"
    """Tells the commands apart in JSON."""
    device: DeviceName
    """The device to step."""
    start: Number
    """The first value."""
    end: Number
    """The last value; the last step is cut short where the steps do not meet it."""
    step: Number
    """The distance between values.

    Where its sign points away from the end, the loop changes direction each time it runs.
    """
    completion: StrictBool = False
    """Whether to wait at each step until the device reports that the write is completed (EPICS put-callback).
    """
    wait: StrictBool = True
    """Whether to wait at each step until the readback shows the value."""
    readback: Readback = ""
    """The device whose value must come to the written one. Left out: the stepped device itself."""
    tolerance: Tolerance = 0.1
    """How far the readback may be off, in the device's units."""
    timeout: Seconds = 0.0
    """Longest time for completion, or for the readback where there is no completion, of each step in seconds; 0
    waits for ever.
    """
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class ParallelBase(CommandModel):
    """Perform the commands of the body at the same time; ends when all have ended, or with the first error."""

    _XML_TAG: ClassVar[str] = "parallel"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["parallel"] = "parallel"
    """Tells the commands apart in JSON."""
    timeout: Seconds = 0.0
    """Longest time for all of them, in seconds; 0 waits for ever."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class PatchBase(Model):
    """A change to one property of one command of a scan that has yet to perform it."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("address", "address", "integer"),
        XmlField("property", "property", "text"),
        XmlField("value", "value", "value", default=0.0),
    )

    address: CommandAddress
    """Which command. Only those at the top and in bodies of loops are found."""
    property: PropertyName
    """Which property."""
    value: Value
    """Its new value."""


class ScanInfoBase(Model):
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

    id: Integer
    """The scan's number on its server."""
    name: Text
    """The name it was submitted under."""
    created: AwareDatetime
    """When it was submitted, by the server's clock."""
    state: Annotated[ScanState, Explain("scan_state", "give a state of a scan, such as Running")]
    """Where it is in its life."""
    runtime: timedelta = timedelta(milliseconds=0)
    """How long it has run, or ran."""
    total_work_units: Count = 0
    """How many units of work it has, about one for each command performed; 0 where that is not known."""
    performed_work_units: Count = 0
    """How many units of work are done; all of them once the scan has ended, however it ended."""
    finish: AwareDatetime | None = None
    """When it ended, or while it runs the server's guess of when it will."""
    address: Integer = -1
    """Address of the command being performed, -1 where there is none."""
    command: Text = ""
    """The command being performed, in words; `- end -` after the last."""
    error: Text | None = None
    """Why it failed or was aborted."""


class ScanServerInfoBase(Model):
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

    version: Text
    """Version of the server's program."""
    start_time: AwareDatetime
    """When it was started, by its own clock."""
    scan_config: Text = ""
    """Where its configuration was read from, as a URL."""
    script_paths: tuple[str, ...] = ()
    """The folders where it looks for scripts and included files, in order."""
    macros: Text = ""
    """Macros in force for all scans, as `name=value, other=42`."""
    used_mem: Integer = 0
    """Memory in use, in bytes."""
    max_mem: Integer = 0
    """Memory that it may use, in bytes."""
    non_heap: Integer = 0
    """Memory in use outside of the heap, in bytes."""


class ScriptBase(CommandModel):
    """Run a Python class on the server: `MyScript` of `myscript.py` on its script path."""

    _XML_TAG: ClassVar[str] = "script"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("path", "path", "text"),
        XmlField("arguments", "arguments", "list", default=(), item="argument"),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["script"] = "script"
    """Tells the commands apart in JSON."""
    path: Name
    """Name of the class."""
    arguments: tuple[Text, ...] = ()
    """What its constructor is called with, all as text."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class SequenceBase(CommandModel):
    """Perform the commands of the body one after the other, as one command; of use within `parallel`."""

    _XML_TAG: ClassVar[str] = "sequence"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("body", "body", "body", default=()),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["sequence"] = "sequence"
    """Tells the commands apart in JSON."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class SetBase(CommandModel):
    """Write a value to a device, and wait for it to get there if told so."""

    _XML_TAG: ClassVar[str] = "set"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text"),
        XmlField("value", "value", "value", default=0.0),
        XmlField("completion", "completion", "boolean", default=False, omit=True),
        XmlField("wait", "wait", "boolean", default=True, omit=True),
        XmlField("readback", "readback", "text", default="", omit=True),
        XmlField("readback_value", "readback_value", "value", omit=True),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["set"] = "set"
    """Tells the commands apart in JSON."""
    device: DeviceName
    """The device to write."""
    value: Value
    """What to write, a number or a text."""
    completion: StrictBool = False
    """Whether to wait until the device reports that the write is completed (EPICS put-callback)."""
    wait: StrictBool = True
    """Whether to wait until the readback shows the value."""
    readback: Readback = ""
    """The device whose value must come to the written one. Left out: the written device itself."""
    readback_value: Value | None = None
    """The value to expect of the readback where it is not the written one, for example a status text."""
    tolerance: Tolerance = 0.1
    """How far a numeric readback may be off, in the device's units."""
    timeout: Seconds = 0.0
    """Longest time for completion, or for the readback where there is no completion, in seconds; 0 waits for
    ever.
    """
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""


class SimulationResultBase(Model):
    """What a scan would do, and how long it would take."""

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("log", "log", "text"),
        XmlField("seconds", "seconds", "number"),
    )

    log: Text
    """The steps, a line for each."""
    seconds: Number
    """The estimated time, in seconds."""


class WaitBase(CommandModel):
    """Wait until the value of a device meets a condition."""

    _XML_TAG: ClassVar[str] = "wait"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("device", "device", "text"),
        XmlField("value", "value", "value", default=0.0),
        XmlField("comparison", "comparison", "enum", default=Comparison.EQUALS),
        XmlField("tolerance", "tolerance", "number", default=0.1),
        XmlField("timeout", "timeout", "number", default=0.0, omit=True),
        XmlField("error_handler", "error_handler", "text", default="", omit=True),
    )

    command: Literal["wait"] = "wait"
    """Tells the commands apart in JSON."""
    device: DeviceName
    """The device to watch."""
    value: ValueOrTexts
    """The value to compare with; for IN and NOT_IN a list of texts, each in quotes, with commas between."""
    comparison: Annotated[
        Comparison,
        Explain(
            "comparison",
            "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in', or its name such as AT_LEAST",
        ),
    ] = Comparison.EQUALS
    """How the device's value must relate to it."""
    tolerance: Tolerance = 0.1
    """How far two numbers may be apart that count as equal, in the device's units."""
    timeout: Seconds = 0.0
    """Longest time to wait, in seconds; 0 waits for ever."""
    error_handler: Text = ""
    """Class on the script path that decides what happens after an error: abort, continue or retry."""

"""What users may ask for, checked before anything is sent."""

from __future__ import annotations

import math
import operator
import re
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

if TYPE_CHECKING:
    from typing import SupportsIndex

_UNSENDABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DEADLINE = "%Y-%m-%d %H:%M:%S"
_NO_DEADLINE = "0000-00-00 00:00:00"
_LONGEST = 2**63 - 1
"""Seconds that the server can count."""


def refusal(message: str) -> PydanticCustomError:
    """Return what a validator raises, with a message that says what to give instead."""
    return PydanticCustomError("scan_sdk", "{message}", {"message": message})


def check_id(scan_id: SupportsIndex) -> int:
    """Return the id of one scan; raises `ValidationError` for what is none.

    Integers of numpy and pandas are fine, as ids often come out of tables. -1, which the server takes for
    "all of them", is not (trap 7).
    """
    found = _whole_number(scan_id)
    if found is None or found < 0:
        hint = "the id of a scan is a whole number from 0. For all scans there are abort_all() and its like"
        raise _invalid("scan_id", scan_id, hint)
    return found


def check_steps(steps: SupportsIndex) -> int:
    """Return the number of places to move a scan; raises `ValidationError` for what is none."""
    found = _whole_number(steps)
    if found is None:
        raise _invalid("steps", steps, "give the number of places to move the scan, as a whole number")
    return found


def _whole_number(value: SupportsIndex) -> int | None:
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _invalid(name: str, value: object, hint: str) -> ValidationError:
    details = InitErrorDetails(type=refusal(hint), loc=(name,), input=value)
    return ValidationError.from_exception_data(name, [details])


def _seconds(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _check_name(name: object) -> str:
    if not isinstance(name, str):
        raise refusal("a scan's name is text")
    if name in {"", ".", ".."}:
        raise refusal(f"a scan cannot be named '{name}'")
    if found := _UNSENDABLE.search(name):
        raise refusal(f"a scan's name cannot hold {found[0]!r}: the server could not list it as XML")
    return name


def _check_timeout(value: object) -> int | None:
    if value is None:
        return None
    seconds = _seconds(value)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise refusal("give the timeout as a number of seconds, or as a timedelta")
    if isinstance(seconds, float) and not seconds.is_integer():
        hint = f": {math.floor(seconds)} or {math.ceil(seconds)}" if math.isfinite(seconds) else ""
        raise refusal(f"the server counts the timeout of a scan in whole seconds{hint}")
    if not 0 <= seconds <= _LONGEST:
        raise refusal("a timeout is not negative, and not longer than the server can count")
    return int(seconds) or None


def _check_deadline(value: object, info: ValidationInfo) -> str | None:
    """Return a deadline as the server reads it: in its own local time, without fractions of a second."""
    if value is None or value == _NO_DEADLINE:
        return None
    if isinstance(value, str):
        try:
            value = datetime.strptime(value.strip(), _DEADLINE)  # noqa: DTZ007 - the server's zone is unknown
        except ValueError:
            raise refusal(
                "give text as 'YYYY-MM-DD HH:MM:SS' in the server's local time, or a datetime"
            ) from None
    if not isinstance(value, datetime):
        raise refusal("give the deadline as text or as a datetime")
    if value.utcoffset() is not None:
        zone: tzinfo | None = info.data.get("timezone")
        if zone is None:
            raise refusal(
                "the server takes deadlines in its own local time, and its time zone is not known. Give a "
                "datetime without time zone, in the server's time, or construct the client with timezone=, "
                "for example timezone=ZoneInfo('Europe/Zurich')"
            )
        value = value.astimezone(zone)
    return value.replace(tzinfo=None).isoformat(" ", "seconds")


class SubmitOptions(BaseModel):
    """How a scan is to be run."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    timezone: tzinfo | None = None
    """Time zone of the server. Comes first, as the deadline needs it."""
    name: Annotated[str, BeforeValidator(_check_name)]
    """Name of the scan in lists."""
    queue: Annotated[bool, Field(strict=True)] = True
    """Whether it waits for its turn, or runs at once beside the others."""
    pre_post: Annotated[bool, Field(strict=True)] = True
    """Whether the server's pre- and post-scan commands run with it."""
    timeout: Annotated[int | None, BeforeValidator(_check_timeout)] = None
    """Seconds after which the server aborts the scan; None for never."""
    deadline: Annotated[str | None, BeforeValidator(_check_deadline)] = None
    """When the server aborts it, in the server's local time."""

    @classmethod
    def check(cls, **options: object) -> Self:
        """Return what a user asks for in the form that the server takes; raises `ValidationError`."""
        return cls.model_validate(options)

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        if self.timeout is not None and self.deadline is not None:
            raise refusal("give a timeout or a deadline, not both")
        return self

    @property
    def target(self) -> str:
        """Where to submit to. The slashes of the name are encoded, as they are no part of the path."""
        query: list[str] = []
        if not self.queue:
            query.append("queue=false")
        if not self.pre_post:
            query.append("pre_post=false")
        if self.timeout is not None:
            query.append(f"timeout={self.timeout}")
        if self.deadline is not None:
            query.append(f"deadline={quote(self.deadline)}")
        return f"/scan/{quote(self.name, safe='')}" + ("?" + "&".join(query) if query else "")


_Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, allow_inf_nan=False, strict=True)]


class WaitOptions(BaseModel):
    """How long to wait for a scan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout: _Seconds | None = None
    """Seconds to wait at most; None for as long as it takes."""
    patience: _Seconds
    """Seconds for which a lost connection is tried again."""

    @classmethod
    def check(cls, **options: object) -> Self:
        """Return what a user asks for in seconds; raises `ValidationError`."""
        return cls.model_validate(options)


class AlignOptions(BaseModel):
    """Whether an alignment moves the device, and how long to wait for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    move: Annotated[bool, Field(strict=True)] = False
    """Whether to move the device."""
    min_quality: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
    """Quality of the fit, from 0 to 1, below which the device is not moved."""
    waiting: WaitOptions
    """How to wait for the scans."""

    @classmethod
    def check(cls, *, patience: object, **options: object) -> Self:
        """Return what a user asks for; raises `ValidationError`."""
        return cls.model_validate({"waiting": WaitOptions.check(patience=patience), **options})

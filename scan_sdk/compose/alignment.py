"""Aligning a device: a scan that looks for the peak or the edge of a signal, and what it finds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.compose import fit
from scan_sdk.compose.fit import LEAST, Fit, Method, NoFit, Uncertainty
from scan_sdk.compose.settings import DeviceRule, ScanSettings
from scan_sdk.errors import AlignmentFailed, InvalidSettings
from scan_sdk.models import Command, Delay, Log
from scan_sdk.models.base import Explain, PositionalModel, flatten
from scan_sdk.models.fields import DeviceName, Number, Seconds, Text, Value
from scan_sdk.models.loops import MOST_STEPS
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from scan_sdk.data import ScanData
    from scan_sdk.sequence import Commands

__all__ = ["Alignment", "AlignmentResult"]

_COMPLETION = ScanSettings([DeviceRule(".*", completion=True)])
"""How devices are written where nobody says it: a signal counts only where the device has arrived."""
_DRAWN = 400
"""Points of a curve that is drawn."""

_Commands = Annotated[tuple[Command, ...], BeforeValidator(lambda commands: flatten((commands,)))]


class Alignment(PositionalModel, use_attribute_docstrings=True):
    """A scan of a device that looks for the peak or the edge of a signal, as a value.

    `client.align(alignment)` runs it, and says where the device belongs. To do that in steps, submit it like
    any commands, and give what was logged to `fit`.

    Raises:
        pydantic.ValidationError: An argument cannot be right, or there are too few positions for a fit.
        MissingExtra: The method needs scipy, which is not installed; "centre of mass" does without.

    Example:
        >>> from scan_sdk import Alignment
        >>> alignment = Alignment("motor_x", 0, 6, 0.5, signal="signal", wait=2)
        >>> print(alignment.commands().format())
        CommandSequence(
            Loop('motor_x', 0, 6, 0.5, [
                Delay(2),
                Log('motor_x', 'signal'),
            ], completion=True),
        )
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "first", "last", "step")

    device: Text
    """The device to scan, to which the positions are written. Prefixes of `ScanSettings` are allowed."""
    first: Number
    """The first position."""
    last: Number
    """The last position; the scan goes up or down to it."""
    step: Number
    """The distance of positions, of any sign."""
    signal: DeviceName
    """The device with the peak or the edge."""
    method: Annotated[Method, Explain("method", 'give method="gaussian", "edge" or "centre of mass"')] = (
        "gaussian"
    )
    """What to look for.

    "gaussian" is a peak or a dip, to which a Gaussian is fitted; "edge" a rise or a fall, to which the
    integral of a Gaussian is; "centre of mass" a peak or dip of any shape, of which the part above a fifth of
    its height is weighed.
    """
    monitor: DeviceName | None = None
    """A device by whose value the signal is divided; samples where it is not above 0 are left out."""
    wait: Annotated[
        Seconds | tuple[Text, Value],
        Explain("wait", "give a time in seconds, or a device and what it is to reach: ('neutrons', 1000)"),
    ] = 0.0
    """What to wait for at each position: seconds, or a device and the value that it is to reach.

    The settings say how it is compared, by default with `>=`.
    """
    pre: _Commands = ()
    """Commands before the scan."""
    post: _Commands = ()
    """Commands after the scan."""
    start: _Commands = ()
    """Commands at each position before waiting, such as `Set("neutrons", 0)`."""
    stop: _Commands = ()
    """Commands at each position after waiting."""
    log_always: Annotated[
        tuple[DeviceName, ...],
        Explain("log_always", "give names of devices: 'motor_y', or ['motor_y', 'beam']"),
        BeforeValidator(lambda names: (names,) if isinstance(names, str) else names),
    ] = ()
    """Further devices to log at each position."""
    settings: Annotated[
        ScanSettings, BeforeValidator(lambda given: _COMPLETION if given is None else given)
    ] = _COMPLETION
    """How devices are written and waited for. By default the scanned device reports completion."""

    if TYPE_CHECKING:

        def __init__(
            self,
            device: str,
            first: float,
            last: float,
            step: float,
            *,
            signal: str,
            method: Method = "gaussian",
            monitor: str | None = None,
            wait: float | tuple[str, float | str] = 0,
            pre: Commands = (),
            post: Commands = (),
            start: Commands = (),
            stop: Commands = (),
            log_always: str | Iterable[str] = (),
            settings: ScanSettings | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _check(self) -> Self:
        fit.need_scipy(self.method)
        if self.step == 0:
            raise _refusal("step 0 never reaches the last position: give another step")
        positions = 1 + math.ceil(min(abs((self.last - self.first) / self.step), MOST_STEPS))
        if positions < LEAST:
            raise _refusal(f"a fit needs {LEAST} positions, and there are {positions}: give a smaller step")
        try:
            self.commands()
        except InvalidSettings as error:
            raise _refusal(str(error)) from None
        if self.signal == self.device_name:
            raise _refusal("the signal is the device itself: name what depends on it")
        return self

    @property
    def device_name(self) -> str:
        """The device that is scanned, without prefixes: the name that it is logged by."""
        return self.settings.of(self.device).name

    @property
    def _range(self) -> tuple[float, float]:
        return min(self.first, self.last), max(self.first, self.last)

    def _has(self, position: float) -> bool:
        low, high = self._range
        return low <= position <= high

    def commands(self) -> CommandSequence:
        """Return the commands of the scan.

        At each position they log, in this order and each once (trap 27): the device, the signal, the monitor,
        the device that was waited for, and `log_always`.
        """
        logged = [self.device_name, self.signal]
        waiting: list[Command] = []
        if self.monitor is not None:
            logged.append(self.monitor)
        if isinstance(self.wait, tuple):
            device, value = self.wait
            waiting.append(self.settings.wait(device, value))
            logged.append(self.settings.of(device).name)
        elif self.wait:
            waiting.append(Delay(self.wait))
        log = Log(*dict.fromkeys([*logged, *self.log_always]))
        step = math.copysign(self.step, self.last - self.first)
        body = [*self.start, *waiting, *self.stop, log]
        loop = self.settings.loop(self.device, self.first, self.last, step, body)
        return CommandSequence(self.pre, loop, self.post)

    def __iter__(self) -> Iterator[Command]:  # type: ignore[override]  # as a scan does, not as a model
        return iter(self.commands())

    def move(self, position: float) -> CommandSequence:
        """Return the commands that move the device to a position, as the settings say, and log it.

        Raises:
            ValueError: The position is not in the range of the scan.
        """
        if not self._has(position):
            low, high = self._range
            raise ValueError(
                f"{position:g} is not in the scanned range of '{self.device_name}', {low:g} to {high:g}"
            )
        found = self.settings.of(self.device)
        if found.readback and found.tolerance is None:
            # A set by itself has a default that knows nothing of the device's units.
            move = self.settings.set(self.device, position, tolerance=abs(self.step) / 10)
        else:
            move = self.settings.set(self.device, position)
        return CommandSequence(move, Log(self.device_name))

    def fit(self, data: ScanData, *, scan_id: int | None = None) -> AlignmentResult:
        """Return where the peak or the edge is, by what such a scan has logged.

        Each sample of the signal counts, at the last value that the device had up to its serial. What is no
        finite number is left out.

        Args:
            data: What was logged.
            scan_id: The scan, to be named in the result or the error.

        Raises:
            AlignmentFailed: The data do not tell: too few positions, a flat signal, no peak in the range or
                none that can be told from noise, text, or something was not logged.
        """
        last = last_number(data, self.device_name)
        try:
            x, y = self._points(data)
            found = self._find(x, y)
        except NoFit as error:
            raise AlignmentFailed(
                self.device_name, str(error), last_position=last, data=data, scan_id=scan_id
            ) from None
        assert last is not None
        return AlignmentResult(
            device=self.device_name,
            signal=self.signal if self.monitor is None else f"{self.signal} / {self.monitor}",
            method=self.method,
            **found._asdict(),
            x=x,
            y=y,
            last_position=last,
            scan_id=scan_id,
        )

    def _find(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Fit:
        """Return the fit; what is in the range that was logged must be in the one that was written too."""
        found = fit.find(self.method, x, y)
        if not self._has(found.position):
            low, high = self._range
            raise NoFit(
                f"by what was logged it is at {found.position:g}, and {low:g} to {high:g} was to be scanned: "
                "name the device as it is both written and read"
            )
        return found

    def _points(self, data: ScanData) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return positions and signal, without those that are no numbers."""
        names = [self.device_name, self.signal]
        if self.monitor is not None:
            names.append(self.monitor)
        for name in names:
            _check_numbers(data, name)
        table = data.table(*names)
        sampled = np.isin(table.serial, data[self.signal].serial)
        x, y, *monitor = (np.asarray(column[sampled], dtype=np.float64) for column in table.columns)
        with np.errstate(all="ignore"):  # what comes of it is left out
            for values in monitor:
                y = np.where(values > 0, y / values, np.nan)
        finite = np.isfinite(x) & np.isfinite(y)
        return x[finite], y[finite]


def _refusal(reason: str) -> PydanticCustomError:
    """Return what a validator raises, with a message that says what to give instead."""
    return PydanticCustomError("alignment", "{reason}", {"reason": reason})


def _check_numbers(data: ScanData, name: str) -> None:
    if name not in data:
        raise NoFit(f"'{name}' was not logged, but {', '.join(data) or 'nothing'}")
    kind = data[name].kind
    if kind != "numbers":
        raise NoFit(
            f"'{name}' holds {'text' if kind == 'text' else 'rows of numbers'}, and a fit needs numbers"
        )


def last_number(data: ScanData, device: str) -> float | None:
    """Return the number that was logged last of a device, None where there is none."""
    if device not in data or data[device].kind != "numbers":
        return None
    log = data[device]
    numbers = log.value[np.isfinite(log.value)]
    return float(numbers[-1]) if len(numbers) else None


@dataclass(frozen=True, eq=False)
class AlignmentResult:
    """Where the peak or the edge of a signal is. It lies in the scanned range, or there is an error instead.

    Attributes:
        device: The device that was scanned.
        signal: The device with the peak or the edge; `signal / monitor` where it was divided.
        method: What was looked for.
        position: Where the device belongs: at the peak, or in the middle of the edge.
        width: Of a peak the full width at half height, of an edge the distance from 10 % to 90 % of it.
        height: From the background to the peak, negative for a dip. Of an edge what the signal gains towards
            higher positions, negative where it falls.
        background: The signal far from the peak, or before the edge, as seen from lower positions.
        quality: The part of the signal's variance that the curve explains (R²), from 0 to 1. For the centre
            of mass the curve is a Gaussian of that position and width.
        uncertainty: Standard deviations of the four; None for the centre of mass.
        x: Positions that the fit has used, in the order of the scan.
        y: The signal there.
        last_position: Where the device was last logged: at the end of the scan, or after the move.
        scan_id: The scan that this is from, None where that is not known.
        moved: Whether the device was moved to the position.
        move_id: The scan that has moved it.
    """

    device: str
    signal: str
    method: Method
    position: float
    width: float
    height: float
    background: float
    quality: float
    uncertainty: Uncertainty | None
    x: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    last_position: float
    scan_id: int | None = None
    moved: bool = False
    move_id: int | None = None

    def curve(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the fitted curve at some positions."""
        found = Fit(self.position, self.width, self.height, self.background, self.quality)
        return fit.evaluate(self.method, found, np.asarray(x, dtype=np.float64))

    def plot(self, *, ax: Axes | None = None, title: str | None = None) -> Axes:
        """Draw the points, the curve and the position, with matplotlib, and return the axes.

        Args:
            ax: Where to draw, as for `ScanData.plot`.
            title: What to write above.

        Raises:
            MissingExtra: matplotlib is not installed.
        """
        from scan_sdk.data.plots import draw_fit

        across = np.linspace(float(self.x.min()), float(self.x.max()), _DRAWN)
        curve = (across, self.curve(across))
        return draw_fit(
            (self.device, self.x), (self.signal, self.y), curve, self.position, ax=ax, title=title
        )

    def __str__(self) -> str:
        what = "centre of mass" if self.method == "centre of mass" else _what(self.method, self.height)
        unsure = "" if self.uncertainty is None else f" ± {self.uncertainty.position:.2g}"
        place = "moved there" if self.moved else f"not moved, last at {self.last_position:g}"
        return (
            f"{self.device}: {what} of {self.signal} at {self.position:.6g}{unsure}, "
            f"width {self.width:.4g}, height {self.height:.4g}, quality {self.quality:.2f}; {place}"
        )


def _what(method: Method, height: float) -> str:
    if method == "edge":
        return "rising edge" if height > 0 else "falling edge"
    return "peak" if height > 0 else "dip"

"""The panel that draws what the selected scan has logged."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual.widget import Widget

from scan_sdk.cli._monitor.chart import draw
from scan_sdk.cli._monitor.samples import Samples, choose_axes
from scan_sdk.cli.common import blanked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.timer import Timer

    from scan_sdk import Command, ScanData

__all__ = ["Plot"]

_PAUSE: Final = 0.2
"""Seconds between two drawings at least."""
_SHARE: Final = 10
"""How many times as long as a drawing takes nothing is drawn after it."""


class Plot(Widget, can_focus=True):
    """Draws one device over another, as samples come, but not too often."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"plot--axis", "plot--points"}
    DEFAULT_CSS = """
    Plot > .plot--axis { color: $text-muted; }
    Plot > .plot--points { color: $text-accent; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002  # textual's word
        """Begin with no samples."""
        super().__init__(id=id)
        self._wanted_x = self._wanted_y = ""
        self._took = 0.0
        self._timer: Timer | None = None
        self._commands: tuple[Command, ...] = ()
        self.clear()

    def clear(self) -> None:
        """Forget all samples, but not what somebody has chosen to see."""
        self.samples: Samples = Samples()
        self._note = "Nothing is logged yet."
        self._commands = ()
        self._draw_again()

    def explain(self, commands: Iterable[Command]) -> None:
        """Say what the scan does, bodies included, by which the axes are chosen where nobody does."""
        self._commands = tuple(commands)
        self._draw_again()

    def add(self, piece: ScanData) -> None:
        """Draw further samples, soon."""
        self.samples.add(piece)
        if self._timer is None:
            self._timer = self.set_timer(max(_PAUSE, _SHARE * self._took), self._draw_again)

    def tell(self, note: str) -> None:
        """Say why there is nothing to see."""
        self._note = note
        self._draw_again()

    def choose(self, *, x: str | None = None, y: str | None = None) -> None:
        """Choose what to see; a scan that has not logged it shows something else."""
        self._wanted_x = x or self._wanted_x
        self._wanted_y = y or self._wanted_y
        self._draw_again()

    @property
    def axes(self) -> tuple[str, str] | None:
        """What is drawn over, and what is drawn; None where there are no numbers."""
        default = choose_axes(self._commands, self.samples)
        if default is None:
            return None
        x = self._wanted_x if self._wanted_x in self.samples.axes else default[0]
        y = self._wanted_y if self._wanted_y in self.samples.devices else default[1]
        return x, y

    def _draw_again(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.refresh()

    def render(self) -> Text:
        """Return the plot, or why there is none."""
        begun = perf_counter()
        axes = self.axes
        if axes is None:
            self.border_title = "Plot"
            return Text(self._note)
        text = self._drawn(*axes)
        self._took = perf_counter() - begun
        return text

    def _drawn(self, x: str, y: str) -> Text:
        across, up = self.samples.points(x, y)
        self.border_title = f"Plot: {blanked(y)} over {blanked(x)}, {len(up)} points"
        size = self.content_size
        named = "time in s" if x == "time" and x not in self.samples.devices else blanked(x)
        chart = draw(across, up, width=size.width, height=size.height, x_name=named, y_name=blanked(y))
        if chart is None:
            return Text("There is no number to draw." if size.height > 6 else "There is no room for a plot.")
        if chart.left_out:
            self.border_title += f", {chart.left_out} of them no numbers"
        axis = self.get_component_rich_style("plot--axis", partial=True)
        points = self.get_component_rich_style("plot--points", partial=True)
        text = Text(chart.above, points, no_wrap=True, end="")
        for gutter, area in zip(chart.gutter, chart.area, strict=True):
            text.append(f"\n{gutter}", axis).append(area, points)
        return text.append("\n" + "\n".join(chart.below), axis)

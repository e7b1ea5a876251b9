"""A list of any length, of which only the lines that are seen are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.style import Style
    from rich.text import Text

__all__ = ["Lines"]


class Lines(ScrollView, can_focus=True):
    """Shows lines that a subclass makes when they come into sight, below a heading that stays."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--heading",
        "lines--chosen",
        "lines--good",
        "lines--bad",
        "lines--busy",
        "lines--muted",
    }
    DEFAULT_CSS = """
    Lines > .lines--heading { color: $text-muted; text-style: bold; }
    Lines > .lines--chosen { background: $primary-muted; text-style: bold; }
    Lines:focus > .lines--chosen { background: $primary; color: $text; text-style: bold; }
    Lines > .lines--good { color: $text-success; }
    Lines > .lines--bad { color: $text-error; }
    Lines > .lines--busy { color: $text-warning; }
    Lines > .lines--muted { color: $text-muted; }
    """

    def heading(self, width: int) -> Text | None:
        """Return what stands above the lines, None for nothing."""
        raise NotImplementedError

    def line(self, index: int, width: int) -> Text:
        """Return a line; it is cut off where it is too long."""
        raise NotImplementedError

    @property
    def chosen(self) -> int | None:
        """The line that stands out."""
        return None

    @property
    def _above(self) -> int:
        return 0 if self.heading(0) is None else 1

    def resize(self, count: int, *, width: int = 0) -> None:
        """Say how many lines there are, and how wide they are where that may be wider than the widget."""
        self.virtual_size = Size(width, count + self._above)
        self.refresh()

    def show_line(self, index: int) -> None:
        """Scroll, as far as needed, to where a line is seen."""
        # It is forced as the widget may not have noticed yet that it has grown.
        height = self.scrollable_content_region.height - self._above
        top = round(self.scroll_target_y)
        if height <= 0:
            return
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, force=True)

    def line_at(self, y: int) -> int | None:
        """Return the line that is seen at a row of the widget, None for the heading or below the end."""
        if y < self._above:
            return None
        index = y - self._above + round(self.scroll_y)
        return index if index < self.virtual_size.height - self._above else None

    def render_line(self, y: int) -> Strip:
        """Return a row of what is seen."""
        width = self.scrollable_content_region.width
        index = self.line_at(y)
        heading = self.heading(width) if y < self._above else None
        base = self.rich_style
        if heading is not None:
            text, base = heading, base + self.style("heading")
        elif index is None:
            return Strip.blank(width, base)
        else:
            text = self.line(index, width)
            if index == self.chosen:
                base += self.style("chosen")
        console = self.app.console  # pyright: ignore[reportUnknownMemberType]  # textual does not say whose app
        segments = Segment.apply_style(text.render(console), base)
        across = round(self.scroll_x)
        return Strip(segments).crop_extend(across, across + width, base)

    def style(self, name: str) -> Style:
        """Return the style of a component class, without what is around it."""
        return self.get_component_rich_style(f"lines--{name}", partial=True)

"""Renders demo.svg, the picture in README.md: the last chapters of `scan-sdk demo`.

python docs/images/render.py
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

from scan_sdk.cli.demo import show

FROM = "When a scan fails"
TARGET = Path(__file__).with_name("demo.svg")


class Recorder(Console):
    """Keeps what is printed from a chapter on."""

    def rule(self, title: str = "", **options: object) -> None:
        """Begin a chapter."""
        if str(title).startswith(FROM):
            self.export_text(clear=True)
        super().rule(title, **options)  # type: ignore[arg-type]


def main() -> None:
    """Run the demo and write the picture."""
    console = Recorder(record=True, width=92, file=io.StringIO(), force_terminal=False)
    show(console, None, confirmed=True)
    svg = console.export_svg(title="scan-sdk demo", theme=DIMMED_MONOKAI, unique_id="demo")
    svg = re.sub(
        r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL
    )  # fetched from elsewhere; any monospace will do
    TARGET.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

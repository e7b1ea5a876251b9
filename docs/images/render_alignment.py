"""Renders alignment.png, the picture in docs/how-to/align-a-device.md: a peak and an edge with their fits.

python docs/images/render_alignment.py
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from scan_sdk import Alignment, PvConfig, ScanClient, ScanConfig
from scan_sdk.server import EmbeddedServer

TARGET = Path(__file__).with_name("alignment.png")
CONFIG = ScanConfig(
    pvs=(
        PvConfig(name="motor://motor_x(0, 5)", alias="motor_x"),
        PvConfig(name="sim://gaussian(motor://motor_x.RBV(0, 5), 3, 0.8, 1000, 50)", alias="signal"),
    )
)


def main() -> None:
    """Run the alignment of the page, and draw what each method makes of it."""
    with EmbeddedServer(CONFIG, clock="virtual") as server, ScanClient(url=server.url) as client:
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        peak, edge = figure.subplots(1, 2)
        whole = Alignment("motor_x", 0, 6, 0.2, signal="signal")
        client.align(whole).plot(ax=peak, title='"gaussian": a peak')
        flank = Alignment("motor_x", 3.4, -1, 0.2, signal="signal", method="edge")
        client.align(flank).plot(ax=edge, title='"edge": its rise alone')
    figure.savefig(TARGET, metadata={"Software": None})


if __name__ == "__main__":
    main()

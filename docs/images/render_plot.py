"""Renders plot.png, the picture in docs/how-to/plot-a-scan.md: an alignment, and a map of a raster.

python docs/images/render_plot.py
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from scan_sdk import Log, Loop, ScanClient
from scan_sdk.server import EmbeddedServer

TARGET = Path(__file__).with_name("plot.png")


def main() -> None:
    """Run the scans of the page and draw them."""
    align = Loop("motor_x", 0, 6, 0.2, [Log("motor_x", "signal", "neutrons")], completion=True)
    inner = Loop("motor_y", 1, 4, 1, [Log("motor_x", "motor_y", "signal")], completion=True)
    raster = Loop("motor_x", 0, 6, 0.5, [inner], completion=True)
    with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
        first, second = client.submit(align, "Alignment"), client.submit(raster, "Raster")
        client.wait_until_done(second)
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        client.get_data(first).plot("motor_x", "signal", ax=left, title="Alignment")
        client.get_data(second).map("motor_x", "motor_y", "signal", ax=right, title="Raster")
    figure.savefig(TARGET, metadata={"Software": None})


if __name__ == "__main__":
    main()

"""Renders page.png, the picture in docs/how-to/use-the-page.md: the page of a server on which a raster runs.

python docs/images/render_page.py

It needs Debian's chromium.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from scan_sdk import Comment, Delay, Log, Loop, ScanClient, Set, Wait
from scan_sdk.server import EmbeddedServer

TARGET = Path(__file__).with_name("page.png")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


def submit_scans(client: ScanClient) -> int:
    """Submit some scans and return the id of the one to look at."""
    align = [Set("motor_x", 1, completion=True), Loop("motor_x", 1, 2, 0.1, [Log("motor_x", "neutrons")])]
    client.wait_until_done(client.submit(align, "Align sample"))
    client.submit([Set("setpoint", "high")], "Set temperature")
    client.abort(client.submit([Delay(60)], "Background, too long"))
    step = [Set("neutrons", 0), Wait("neutrons", 1, comparison=">="), Log("motor_x", "motor_y", "neutrons")]
    inner = Loop("motor_x", 0, 4, 0.5, step, completion=True)
    raster = [
        Comment("Raster over the sample"),
        Set("shutter", 1),
        Loop("motor_y", 0, 8, 2, [inner], completion=True),
        Set("shutter", 0),
    ]
    scan_id = client.submit(raster, "Raster of 5 by 9")
    client.submit([Set("motor_x", 0, completion=True), Delay(30)], "Background")
    client.submit(raster, "Raster again")
    return scan_id


def main() -> None:
    """Run the scans and take the picture."""
    with EmbeddedServer() as server, ScanClient(url=server.url) as client, sync_playwright() as playwright:
        scan_id = submit_scans(client)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1180, "height": 740}, color_scheme="light")
        page.goto(f"{server.url}/#scan={scan_id}")
        for name in ("motor_x", "motor_y"):
            page.get_by_role("checkbox", name=name).check(timeout=60_000)
        page.select_option("#plot-x", "serial")
        expect(page.locator("#samples-body tr").nth(27)).to_be_attached(timeout=120_000)
        page.screenshot(path=TARGET)
        browser.close()


if __name__ == "__main__":
    main()

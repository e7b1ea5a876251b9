"""The monitor bears many scans, commands and samples: it makes only what is seen."""

from datetime import UTC, datetime, timedelta

import numpy as np
from textual.app import App

from scan_sdk import Comment, DeviceLog, ScanData, ScanInfo, ScanState
from scan_sdk.cli._monitor.panels import CommandList, SampleTable, ScanList
from scan_sdk.cli._monitor.plot import Plot

HEIGHT = 24


class Counting(CommandList):
    made = 0

    def line(self, index, width):
        self.made += 1
        return super().line(index, width)


def alone(widget):
    class Alone(App[None]):
        def compose(self):
            yield widget

    return Alone().run_test(size=(80, HEIGHT))


async def test_of_many_commands_only_those_in_sight_are_made():
    commands = Counting(id="commands")
    async with alone(commands) as pilot:
        commands.update([Comment("hello")] * 100_000)
        commands.mark(70_000)
        await pilot.pause()
        assert 0 < commands.made < 5 * HEIGHT
        assert commands.scroll_y > 70_000 - HEIGHT


async def test_a_thousand_scans_are_gone_through_by_keys():
    states = [ScanState.IDLE, *[ScanState.FINISHED] * 999]
    now = datetime.now(UTC)
    infos = [
        ScanInfo(id=1000 - place, name=f"Scan {place}", created=now, state=state, runtime=timedelta())
        for place, state in enumerate(states)
    ]
    scans = ScanList(id="scans")
    async with alone(scans) as pilot:
        scans.focus()
        scans.update(infos, {})
        await pilot.press("end")
        await pilot.pause()
        assert scans.chosen == 999
        assert scans.scroll_y > 999 - HEIGHT
        await pilot.press("pageup", "up", "k")
        assert scans.chosen < 999 - 10
        await pilot.press("home")
        await pilot.pause()
        assert (scans.chosen, scans.scroll_y) == (0, 0)


async def test_a_million_samples_are_drawn_and_their_last_rows_shown():
    count = 1_000_000
    serial = np.arange(count)
    piece = ScanData(
        [DeviceLog("x", serial, serial, serial.astype(float)), DeviceLog("n", serial, serial, serial / 2)]
    )
    plot, table = Plot(id="plot"), SampleTable(id="data")
    async with alone(plot) as pilot:
        await pilot.app.mount(table)
        plot.add(piece)
        table.add(piece)
        plot.choose(x="x", y="n")
        await pilot.pause()
        assert plot.border_title == "Plot: n over x, 1000000 points"
        assert table.border_title == f"Data: last {SampleTable.KEPT} rows"
        assert table.line(SampleTable.KEPT - 1, 80).plain.split()[::2] == ["999999", "999999"]
        plot.tell("The data cannot be had")
        plot.clear()
        plot.tell("The data cannot be had")
        assert str(plot.render()) == "The data cannot be had"

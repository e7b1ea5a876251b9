"""An IOC to talk to: `python records.py PREFIX` serves until its input ends."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from epicscorelibs.ioc import dbCore
from softioc import alarm, asyncio_dispatcher, builder, softioc

ACCESS = """
ASG(DEFAULT) { RULE(1, READ) RULE(1, WRITE) }
ASG(LOCKED) { RULE(1, READ) }
ASG(SECRET) { RULE(1, NONE) }
"""
LATE = 0.3
"""Seconds after which `slow` is done, and `x` is followed by its readback."""
STAMP = 1_600_000_000.123456
"""When `stamped` got its value."""


def make_records() -> None:
    readbacks = {name: builder.aIn(f"{name}:rbv", initial_value=0) for name in ("slow", "x")}

    def follow(name: str):
        async def update(value: float) -> None:
            await asyncio.sleep(LATE)
            readbacks[name].set(value)

        return update

    async def never(_: float) -> None:
        await asyncio.sleep(3600)

    builder.aOut("slow", initial_value=0, on_update=follow("slow"), blocking=True, always_update=True)
    builder.aOut("stuck", initial_value=0, on_update=never, blocking=True, always_update=True)
    builder.aOut("x", initial_value=1.5, on_update=follow("x"))
    builder.longOut("n", initial_value=7)
    builder.stringOut("text", initial_value="hello")
    builder.mbbOut("shutter", "Closed", "Open", "Moving", initial_value=0)
    builder.WaveformOut("row", [1.0, 2.5, 3.0], length=5)
    builder.WaveformOut("line", [0.0], length=5)
    builder.aOut("locked", initial_value=4, ASG="LOCKED")
    builder.aOut("secret", initial_value=4, ASG="SECRET")
    builder.aOut("disabled", initial_value=0, DISP=1)
    builder.aIn("invalid", initial_value=3).set(3, alarm.INVALID_ALARM, alarm.READ_ALARM)
    builder.aIn("stamped", initial_value=0, TSE="-2").set(42, timestamp=STAMP)
    builder.records.waveform("note", FTVL="CHAR", NELM=100)
    builder.records.waveform("single", FTVL="FLOAT", NELM=1)
    builder.records.waveform("names", FTVL="STRING", NELM=3)
    builder.records.calc("count", CALC="VAL+1", SCAN=".1 second")


def main() -> None:
    dispatcher = asyncio_dispatcher.AsyncioDispatcher()
    builder.SetDeviceName(sys.argv[1])
    make_records()
    builder.LoadDatabase()
    with tempfile.TemporaryDirectory() as folder:
        access = Path(folder) / "access.acf"
        access.write_text(ACCESS)
        dbCore.asSetFilename(str(access).encode())
        softioc.iocInit(dispatcher)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()

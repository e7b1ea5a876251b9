"""The devices that a server has when it is given no configuration."""

from __future__ import annotations

from scan_sdk.models import PvConfig, ScanConfig

__all__ = ["demo_config"]


def demo_config() -> ScanConfig:
    """Return a configuration with two motors, a counter, a signal and a few values, for trying things out.

    `motor_x` and `motor_y` move at 5 units per second, with readbacks `motor_x.RBV` and `motor_y.RBV`;
    `neutrons` counts 10 per second from whatever is written to it, and `signal` has a peak of 1000 where
    `motor_x.RBV` is 3. The scripts that come with the server are on its path, among them the error handler
    `OnErrorContinue`, which the column `Or Time` of table scans needs.
    """
    rate = 5.0
    motors = [
        PvConfig(name=f"motor://{name}{field}(0, {rate})", alias=f"{name}{field}", slew_rate=rate)
        for name in ("motor_x", "motor_y")
        for field in ("", ".RBV")
    ]
    values = [
        PvConfig(name=f"loc://{name}({first})", alias=name)
        for name, first in (("setpoint", "0"), ("readback", "0"), ("shutter", "0"), ("text", '"hello"'))
    ]
    counter = PvConfig(name="counter://neutrons(10)", alias="neutrons", slew_rate=10.0)
    signal = PvConfig(name=f"sim://gaussian(motor://motor_x.RBV(0, {rate}), 3, 1, 1000, 5)", alias="signal")
    return ScanConfig(read_timeout=5.0, pvs=(*motors, counter, signal, *values), paths=("examples:",))

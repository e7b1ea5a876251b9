"""What a scan would do and how long it would take, without doing it.

The steps, their wording and their times are the scan server's. Nothing here knows of a server: what it would
look up is given as functions, so one simulation serves the embedded server, offline checks and "time left".
"""

from scan_sdk.simulation.devices import (
    DEFAULT_SLEW_RATE,
    SimulatedDevice,
    SimulationEnds,
    devices_of,
    initial_number,
)
from scan_sdk.simulation.narration import MOST_LINES, SimulationView, narrate
from scan_sdk.simulation.offline import simulate
from scan_sdk.simulation.results import DeviceTime, LocalSimulation, LoopTotals

__all__ = [
    "DEFAULT_SLEW_RATE",
    "MOST_LINES",
    "DeviceTime",
    "LocalSimulation",
    "LoopTotals",
    "SimulatedDevice",
    "SimulationEnds",
    "SimulationView",
    "devices_of",
    "initial_number",
    "narrate",
    "simulate",
]

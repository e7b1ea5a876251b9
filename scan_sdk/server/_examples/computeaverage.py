"""A script that computes: the average of what a device has logged so far goes to another device."""

import numjy as np
from org.csstudio.scan.command import ScanScript


class ComputeAverage(ScanScript):
    """Writes the average of the logged values of one device to another.

    In a scan: `Script("ComputeAverage", "neutrons", "setpoint")`.
    """

    def __init__(self, data_pv, avg_pv):
        self.data_pv = data_pv
        self.avg_pv = avg_pv

    def getDeviceNames(self):
        """Name the devices that the server has to connect; logged data needs none."""
        return [self.avg_pv]

    def run(self, context):
        """Compute, write and log the average."""
        [values] = context.getData(self.data_pv)
        if len(values) == 0:
            raise ValueError(f"nothing is logged for {self.data_pv}: put a Log command before the script")
        average = np.sum(np.array(values)) / len(values)
        context.write(self.avg_pv, average)
        context.logData(self.avg_pv, [average])

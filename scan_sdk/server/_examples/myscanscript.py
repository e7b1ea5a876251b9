"""A script to begin your own with: it reads one device and writes another."""

from org.csstudio.scan.command import ScanScript


class MyScanScript(ScanScript):
    """Writes twice the value of one device to another.

    The name of the file is that of the class, in small letters. Arguments of the command come as texts:
    `Script("MyScanScript", "readback", "setpoint")`.
    """

    def __init__(self, source="readback", target="setpoint"):
        self.source = source
        self.target = target

    def getDeviceNames(self):
        """Name the devices that the server has to connect before the scan begins."""
        return [self.source, self.target]

    def run(self, context):
        """Do the work."""
        value = context.read(self.source)
        context.write(self.target, 2 * value)

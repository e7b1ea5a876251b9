"""An error handler: whatever goes wrong, the scan goes on."""

from org.csstudio.scan.command import ScanErrorHandler


class OnErrorContinue(ScanErrorHandler):
    """Goes on with the next command."""

    def handleError(self, command, error, context):
        """Say what to do about an error of a command."""
        print(f"{command}: {error}; going on")
        return ScanErrorHandler.Result.Continue

"""A simulation hook: says what commands take that the server cannot know about."""

from org.csstudio.scan.server import SimulationHook


class SimulationHookDemo(SimulationHook):
    """Takes each wait for neutrons for a minute."""

    def handle(self, command, context):
        """Simulate a command and say True; or say False, and have the server do it."""
        text = str(command)
        if not text.startswith("Wait for 'neutrons'"):
            return False
        context.logExecutionStep(f"{text} (a minute or so)", 60.0)
        return True

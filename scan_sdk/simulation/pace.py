"""How fast steps really are, compared with what a simulation says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk.simulation.performance import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scan_sdk.simulation.profile import Purpose, Spent

_LEAST_SLACK: Final = 0.05
"""Seconds by which what was seen may be wrong at least."""


class Paces:
    """Measures paces: real seconds for a simulated one, by what the time is for.

    A delay takes as long as it says. For all else what was expected holds as far as what was seen lets it, as
    when a step began is only known to lie between two looks. Time that surely went into one step counts for
    that alone; what several steps took together is shared among them.

    Attributes:
        measured: Whether anything was seen, if only a delay.
    """

    def __init__(self, expected: Mapping[Purpose, float]) -> None:
        """Start with the paces of earlier scans.

        Args:
            expected: Paces that were measured before.
        """
        self.measured: bool = False
        self._expected = expected
        self._simulated: dict[Purpose, float] = {}
        self._real: dict[Purpose, float] = {}
        self._slack = _LEAST_SLACK
        self._owed = 0.0
        """What intervals were too short for what they surely had: the one before was taken for too long."""

    def observe(
        self,
        spent: Spent,
        seconds: float,
        *,
        slack: float = 0.0,
        surely: Spent | None = None,
        glimpses: Iterable[Purpose] = (),
    ) -> None:
        """Take notice of an interval.

        Args:
            spent: What the simulation says of it.
            seconds: How long it really took.
            slack: By how many seconds its end may be wrong.
            surely: What of that surely went where.
            glimpses: What was being done when someone looked, just before and after the rest.
        """
        if not spent:
            return
        self.measured = True
        self._slack = max(slack, _LEAST_SLACK)
        scaling = {purpose: time for purpose, time in spent.items() if purpose[0] is not Kind.DELAY}
        known = {purpose: (surely or {}).get(purpose, 0.0) for purpose in scaling}
        rest = seconds - (sum(spent.values()) - sum(scaling.values())) - sum(known.values()) + self._owed
        rest, self._owed = max(0.0, rest), min(0.0, rest)
        shares = self._shares(scaling, known, [purpose for purpose in glimpses if purpose in scaling])
        for purpose, time in scaling.items():
            self._simulated[purpose] = self._simulated.get(purpose, 0.0) + time
            real = known[purpose] + rest * shares[purpose]
            self._real[purpose] = self._real.get(purpose, 0.0) + real

    def _shares(self, scaling: Spent, known: Spent, glimpses: list[Purpose]) -> Spent:
        """Return for what share of a time each purpose accounts.

        Half of it as is to be expected. The other half goes to what was seen: whoever looks at any time sees
        each thing the more often, the more time it takes. In the long run that decides.
        """
        due = {
            purpose: max(0.0, time * self.of(purpose) - known[purpose]) for purpose, time in scaling.items()
        }
        if sum(due.values()) <= 0:
            due = scaling
        total = sum(due.values())
        shares = {purpose: time / total for purpose, time in due.items()}
        for purpose in shares if glimpses else ():
            shares[purpose] = 0.5 * (shares[purpose] + glimpses.count(purpose) / len(glimpses))
        return shares

    @property
    def seen(self) -> dict[Purpose, float]:
        """The paces of all that was seen."""
        return {purpose: self.of(purpose) for purpose in self._simulated}

    @property
    def common(self) -> float:
        """The pace of all that was seen together; 1 where that is nothing."""
        return self._near(1.0, sum(self._simulated.values()), sum(self._real.values()))

    def of(self, purpose: Purpose) -> float:
        """Return the pace of what time is spent for; where it was not seen, what else makes one expect."""
        if purpose[0] is Kind.DELAY:
            return 1.0
        expected = self._expected.get(purpose)
        if expected is None:
            expected = self.common
        return self._near(expected, self._simulated.get(purpose, 0.0), self._real.get(purpose, 0.0))

    def _near(self, expected: float, simulated: float, real: float) -> float:
        """Return the pace nearest to what is expected that agrees with what was seen."""
        if simulated <= 0:
            return expected
        return min(max(expected, (real - self._slack) / simulated), (real + self._slack) / simulated)

    def cost(self, spent: Spent) -> float:
        """Return how long something will take.

        Args:
            spent: What the simulation says of it.
        """
        return sum(seconds * self.of(purpose) for purpose, seconds in spent.items())

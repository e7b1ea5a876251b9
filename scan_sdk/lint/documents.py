"""From a document to findings with places in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scan_sdk._wire.command_outline import Outline, commands_in, outline
from scan_sdk._wire.commands import survey_commands
from scan_sdk._wire.markup import encoded
from scan_sdk.errors import InvalidCommands
from scan_sdk.lint.findings import finding
from scan_sdk.lint.remarks import heed, remarks_of
from scan_sdk.models import TextSource

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scan_sdk._wire.command_faults import Fault, Survey
    from scan_sdk._wire.command_outline import Place
    from scan_sdk.lint.findings import Finding

__all__ = ["Document", "fault_finding"]


class Document(NamedTuple):
    """A document, and what it says.

    Attributes:
        name: Its name.
        body: What it holds.
        survey: Its commands, and what is wrong with it.
    """

    name: str
    body: str | bytes
    survey: Survey

    @classmethod
    def of(cls, body: str | bytes, name: str) -> Document:
        """Read a document."""
        return cls(name, body, survey_commands(body))

    def place(self, address: int) -> TextSource:
        """Return where the command of an address stands."""
        return TextSource(self.name, *self.survey.places[address])

    def settle(self, findings: list[Finding], tags: Mapping[int, str], *, configured: bool) -> list[Finding]:
        """Return all findings of this document, by place, without those that its comments silence.

        Args:
            findings: What rules have found.
            tags: Which element of its command a finding is best shown at, by the finding's index.
            configured: Whether there is a configuration, without which some findings cannot be made.
        """
        shown = [(one, tags.get(index, "")) for index, one in enumerate(findings)]
        shown += [(fault_finding(fault, self.name), fault.tag) for fault in self.survey.faults]
        wanted = {
            (one.source.line, one.source.column)
            for one, tag in shown
            if tag and isinstance(one.source, TextSource)
        }
        around = self._outline(wanted)
        places = _places(around, wanted)
        placed = [_at_element(one, tag, places) for one, tag in shown]
        unsure = "SC" if self.survey.faults else "" if configured else "SC5"
        return sorted(heed(placed, remarks_of(around), self.name, unsure=unsure), key=_place)

    def _outline(self, wanted: Collection[Place]) -> Outline:
        """Return where elements of the document stand, and its comments; nothing where none is wanted."""
        if not wanted and not self.survey.has_remarks:
            return Outline()
        try:
            body, encoding = encoded(self.body, self.name)
        except InvalidCommands:
            return Outline()
        return outline(body, encoding, wanted)


def _places(around: Outline, wanted: Collection[Place]) -> dict[tuple[Place, str], Place]:
    """Return where the elements of commands stand, by the place of the command and their names."""
    return {
        (command.place, element.tag): element.place
        for command in commands_in(around.top)
        if command.place in wanted
        for element in reversed(command.children)  # the first of several counts
    }


def _at_element(one: Finding, tag: str, places: Mapping[tuple[Place, str], Place]) -> Finding:
    if not tag or not isinstance(one.source, TextSource):
        return one
    file, line, column = one.source
    place = places.get(((line, column), tag))
    return one if place is None else one._replace(source=TextSource(file, *place))


def _place(one: Finding) -> tuple[int, int, str]:
    return (
        (one.source.line, one.source.column, one.code) if isinstance(one.source, TextSource) else (0, 0, "")
    )


def fault_finding(fault: Fault, file: str) -> Finding:
    """Return what a reader has noted as a finding."""
    place = TextSource(file, fault.line, fault.column)
    return finding(fault.kind, fault.reason, advice=fault.advice, source=place, address=fault.address)

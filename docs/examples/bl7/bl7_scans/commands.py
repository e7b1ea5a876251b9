"""Commands of bl7.xsd, written by `scan-sdk generate`: not to edit."""

from typing import ClassVar, Literal

from pydantic import Field

from scan_sdk import extend
from scan_sdk.models.base import CommandModel, XmlField, constructor
from scan_sdk.models.fields import Integer, Number


@extend.command
class BeamDump(CommandModel):
    """Send the beam into the dump, and wait there."""

    _XML_TAG: ClassVar[str] = "beam_dump"
    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = (
        XmlField("mode", "mode", "integer"),
        XmlField("seconds", "seconds", "number", default=5.0, omit=True),
    )
    _POSITIONAL: ClassVar[tuple[str, ...]] = ("mode",)
    command: Literal["beam_dump"] = Field(
        default="beam_dump", description="Tells the commands apart in JSON."
    )

    mode: Integer = Field(description="Which dump: 1 for the first, 2 for the second.")
    """Which dump: 1 for the first, 2 for the second."""
    seconds: Number = Field(default=5.0, description="How long to stay there, in seconds.")
    """How long to stay there, in seconds."""

    @constructor
    def __init__(self, mode: int, *, seconds: float = 5) -> None:
        """Send the beam into the dump, and wait there.

        Args:
            mode: Which dump: 1 for the first, 2 for the second.
            seconds: How long to stay there, in seconds. Default: 5.
        """

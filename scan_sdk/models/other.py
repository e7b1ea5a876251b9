"""Commands that this package does not know, kept as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal
from xml.parsers import expat

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from scan_sdk._registry import COMMANDS
from scan_sdk.models._generated import Text  # noqa: TC001  # pydantic looks at it
from scan_sdk.models.base import CommandModel, tag_of

__all__ = ["OtherCommand", "element_tag", "name_of"]


def element_tag(xml: str) -> str:
    """Return the name of the element that a text consists of, with its prefix where it has one.

    Raises:
        ValueError: The text is not one whole element of well-formed XML.
    """
    tags: list[str] = []
    level = 0

    def start(tag: str, _: object) -> None:
        nonlocal level
        level += 1
        if level == 2:
            tags.append(tag)

    def end(_: object) -> None:
        nonlocal level
        level -= 1

    def other(*_: object) -> None:
        if level == 1:
            raise ValueError("there is something beside it")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = parser.CommentHandler = parser.ProcessingInstructionHandler = other
    try:
        parser.Parse(f"<_>{xml}</_>".encode(), True)  # within an element there can be no DTD
    except expat.ExpatError as error:
        raise ValueError(f"not well-formed XML: {expat.ErrorString(error.code)}") from None
    if len(tags) != 1:
        raise ValueError(f"there are {len(tags)} of them")
    return tags[0]


def _check(xml: str) -> str:
    try:
        tag = element_tag(xml)
    except ValueError as error:
        hint = f"give one element of XML, such as '<beam_dump><mode>3</mode></beam_dump>': {error}"
        raise PydanticCustomError("other_command", "{hint}", {"hint": hint}) from None
    known = COMMANDS.get(tag)
    if known is not None and known is not OtherCommand:  # which is called so in JSON, and not in XML
        hint = f"<{tag}> is a command that is known: build it with its own class"
        raise PydanticCustomError("other_command", "{hint}", {"hint": hint})
    return xml


class OtherCommand(CommandModel):
    """A command that this package does not know, such as one that a site has added to its server.

    It is kept as it is written: element, attributes, children, text, comments and namespaces. What it does
    and which devices it uses is not known; `scan_sdk.extend` makes it a command like the others.

    Args:
        xml: The element. The encoding that it is sent in is UTF-8.

    Raises:
        pydantic.ValidationError: The text is not one well-formed element, or that of a command that is known.

    Example:
        >>> dump = OtherCommand("<beam_dump><mode>3</mode></beam_dump>")
        >>> dump.tag
        'beam_dump'
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("xml",)

    command: Literal["other"] = Field("other", description="Tells the commands apart in JSON.")
    xml: Annotated[Text, AfterValidator(_check)] = Field(description="The element, as it is written.")

    if TYPE_CHECKING:

        def __init__(self, xml: str) -> None: ...

    @property
    def tag(self) -> str:
        """Name of the element."""
        return element_tag(self.xml)


def name_of(command: CommandModel) -> str:
    """Return the name of the element that a command is in XML, also of one that is not known."""
    return command.tag if isinstance(command, OtherCommand) else tag_of(type(command))

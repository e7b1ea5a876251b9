"""Public models: commands, what the server answers, and its configuration."""

from typing import TYPE_CHECKING

from scan_sdk.models import _generated
from scan_sdk.models._generated import *  # noqa: F403  # what the schemas have
from scan_sdk.models.commands import Command as Command
from scan_sdk.models.other import OtherCommand as OtherCommand
from scan_sdk.models.source import CellSource as CellSource
from scan_sdk.models.source import Source as Source
from scan_sdk.models.source import TextSource as TextSource

if not TYPE_CHECKING:  # they take a name that is repeated, or comes by a star, for public
    __all__ = ["CellSource", "Command", "OtherCommand", "Source", "TextSource"]
    __all__ += _generated.__all__

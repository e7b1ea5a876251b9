"""Commands in files: canonical XML, conversion among XML, JSON, YAML and Python, comparison, and schemas.

Nothing that is read here is executed.
"""

from scan_sdk.formats.canonical import count_notes, format_commands
from scan_sdk.formats.conversion import SUFFIXES, CommandFormat, dump_commands, format_of, load_commands
from scan_sdk.formats.difference import Change, PropertyChange, Spot, diff_commands
from scan_sdk.formats.schemas import SCHEMAS, SchemaName, json_schema, xsd

__all__ = [
    "SCHEMAS",
    "SUFFIXES",
    "Change",
    "CommandFormat",
    "PropertyChange",
    "SchemaName",
    "Spot",
    "count_notes",
    "diff_commands",
    "dump_commands",
    "format_commands",
    "format_of",
    "json_schema",
    "load_commands",
    "xsd",
]

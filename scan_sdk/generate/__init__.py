"""Models from schemas: the package's own, and those of a site's own commands.

The generator is a plugin of xsdata, so `xsdata generate site.xsd --output scan-sdk` does the same as
`scan-sdk generate site.xsd`. It is needed when a schema changes, never to use what it wrote.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

if find_spec("xsdata") is None:
    raise MissingExtra("scan_sdk.generate", "generate")

from scan_sdk.generate.plugin import locations_of, package_source, site_source

__all__ = ["generate", "package_source"]


def generate(schema: Path) -> str:
    """Return the module of a site's commands as source.

    Args:
        schema: An XML Schema. Each element at its top that holds elements is a command. It may include
            `commands.xsd` of this package, which `scan-sdk schema commands` prints, for types such as
            `deviceName`.

    Returns:
        Source of a module that defines a class for each command, and registers it with `scan_sdk.extend`.

    Raises:
        OSError: The file cannot be read.
        InvalidSchema: It is no schema, or a part of it cannot be a command or a field of one.
        MissingExtra: xsdata or ruff is not installed.
    """
    return site_source(locations_of([schema]), schema.name)

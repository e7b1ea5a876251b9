"""Shorthands for the tests of the check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scan_sdk.lint import check

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def codes() -> Callable[..., list[str]]:
    """Check what is given, and return the names of what was found, in order."""

    def found(what: object, **options: object) -> list[str]:
        if isinstance(what, str) and what.startswith("<") and not what.startswith(("<commands", "<?", "<!")):
            what = f"<commands>{what}</commands>"
        return [finding.name for finding in check(what, **options)]

    return found

"""The rules, by command. Each is given the walk, the command, and what is around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk.lint.rules.blocks import (
    check_comment,
    check_config_log,
    check_delay,
    check_include,
    check_log,
    check_parallel,
    check_script,
    check_sequence,
)
from scan_sdk.lint.rules.conditions import check_if, check_wait
from scan_sdk.lint.rules.writes import check_loop, check_set, steps_of
from scan_sdk.models import (
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RULES", "steps_of"]

RULES: Final[dict[type, Callable[..., None]]] = {
    Comment: check_comment,
    ConfigLog: check_config_log,
    Delay: check_delay,
    If: check_if,
    Include: check_include,
    Log: check_log,
    Loop: check_loop,
    Parallel: check_parallel,
    Script: check_script,
    Sequence: check_sequence,
    Set: check_set,
    Wait: check_wait,
}

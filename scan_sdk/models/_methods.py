"""What commands do beyond holding fields, written by hand: the generated classes inherit from these.

By hand are: how people write a command where that differs from its fields (`readback=True`, symbols, macros
as a mapping), and rules that span several fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.models._enums import MEMBERSHIP, RELATIVE
from scan_sdk.models._spelling import (
    arrange_comparison,
    arrange_readback,
    is_empty,
    script_argument,
    shorten_comparison,
    shorten_readback,
    write_macros,
)
from scan_sdk.models.base import CommandModel, refusal
from scan_sdk.models.loops import check_steps

if TYPE_CHECKING:
    from typing import Self

    from scan_sdk.models._generated import Comparison

__all__ = ["IfMethods", "IncludeMethods", "LoopMethods", "ScriptMethods", "SetMethods", "WaitMethods"]


class SetMethods(CommandModel):
    """How people write `Set`."""

    if TYPE_CHECKING:
        device: str

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arrange_readback(cls, fields)
        if fields.get("wait") is True and is_empty(fields.get("readback", "")):
            fields["readback"] = fields.get("device")  # what the server makes of a missing readback
        expected = fields.get("readback_value")
        if expected is not None and not fields.get("wait"):
            hint = "this is what the readback has to show: give readback= too"
            raise refusal(cls, "readback_value", fields, hint)
        if is_empty(expected):
            hint = "the server cannot wait for an empty text, but takes it for none: leave it out"
            raise refusal(cls, "readback_value", fields, hint)

    def _source_fields(self) -> dict[str, object]:
        return shorten_readback(super()._source_fields(), self.device)


class LoopMethods(CommandModel):
    """How people write `Loop`, and the loops that the server would not go through."""

    if TYPE_CHECKING:
        start: float
        end: float
        step: float

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arrange_readback(cls, fields)

    @model_validator(mode="after")
    def _count_steps(self) -> Self:
        check_steps(self.start, self.end, self.step)
        return self

    def _source_fields(self) -> dict[str, object]:
        return shorten_readback(super()._source_fields(), "")


class _Comparing(CommandModel):
    """How people write comparisons."""

    if TYPE_CHECKING:
        comparison: Comparison

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arrange_comparison(fields)

    def _source_fields(self) -> dict[str, object]:
        return shorten_comparison(super()._source_fields())


class WaitMethods(_Comparing):
    """Which values go with which comparison."""

    if TYPE_CHECKING:
        value: str | float | tuple[str, ...]

    @model_validator(mode="after")
    def _fit_value_to_comparison(self) -> Self:
        if self.comparison in MEMBERSHIP:
            if not isinstance(self.value, tuple) or not self.value:
                raise PydanticCustomError(
                    "comparison",
                    "{reason}: {advice}",
                    {"reason": "IN and NOT_IN compare with texts", "advice": "give a list of them"},
                )
            if any("\\" in text or {"'", '"'} <= set(text) for text in self.value):
                raise PydanticCustomError(
                    "comparison",
                    "IN and NOT_IN cannot carry a backslash, or both kinds of quotes in one text",
                )
        elif isinstance(self.value, tuple):
            raise PydanticCustomError("comparison", "a list of texts goes with IN and NOT_IN only")
        elif self.comparison in RELATIVE and not isinstance(self.value, float):
            raise PydanticCustomError("comparison", "INCREASE_BY and DECREASE_BY want a number")
        return self


class IfMethods(_Comparing):
    """Which comparisons `If` can make."""

    @model_validator(mode="after")
    def _refuse_comparisons_of_wait(self) -> Self:
        if self.comparison in RELATIVE or self.comparison in MEMBERSHIP:
            raise PydanticCustomError(
                "comparison", "the comparison {name} works in Wait only", {"name": self.comparison.name}
            )
        return self


class IncludeMethods(CommandModel):
    """Macros as a mapping."""

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        macros = fields.get("macros")
        if isinstance(macros, Mapping):
            try:
                fields["macros"] = write_macros(cast("Mapping[object, object]", macros))
            except ValueError as error:
                raise refusal(cls, "macros", fields, str(error)) from error


class ScriptMethods(CommandModel):
    """Numbers as arguments."""

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arguments = fields.get("arguments")
        if isinstance(arguments, tuple):
            fields["arguments"] = tuple(map(script_argument, cast("tuple[object, ...]", arguments)))

"""Logged data, and what is taken from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.pyscan.migration.edits import attribute, literal, parsed
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.shapes import is_called

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.script import Script

_LOG_COLUMNS: Final = {"id": "serial", "time": "time", "value": "value"}
_FIELDS: Final = {"simulation": "log", "seconds": "seconds"}


def modernise_item(script: Script, node: cst.Subscript, tracked: frozenset[Kind]) -> None:
    """Collect what an item of logged data becomes, or say why not.

    Args:
        script: The script.
        node: What is taken, such as `data["x"]["value"]`.
        tracked: What it is taken from.
    """
    if not script.is_load(node):
        script.report(
            node, "what a client returned cannot be written to: make a copy of your own first", "client"
        )
        return
    key = str(literal(_index(node)))
    if Kind.SIMULATION in tracked and key in _FIELDS:
        if Kind.UNKNOWN in script.kinds.of(node.value):
            script.report(node, "this is not surely what simulate() returned: now it is result.log", "client")
            return
        name = _FIELDS[key]
        script.edits.add("client", node, lambda updated: attribute(_subscripted(updated), name))
    elif Kind.LOG in tracked and key in _LOG_COLUMNS:
        name = _LOG_COLUMNS[key]
        script.edits.add("client", node, lambda updated: _listed(_subscripted(updated), name))
    elif not tracked & {Kind.DATA, Kind.INFOS, Kind.CLIENTS}:
        names = " or ".join(sorted(tracked))
        script.report(node, f"what is taken here from {names} does not show", "client")


def modernise_data_function(script: Script, node: cst.CSTNode, name: str) -> None:
    """Collect what a function of logged data becomes, or say why not."""
    call = is_called(script, node)
    if call is None or not call.args or any(arg.star == "**" or arg.keyword for arg in call.args):
        script.report(node, f"what {name} is called with does not show: write the call out", "client")
        return
    data = call.args[0].value
    if call.args[0].star or script.kinds.of(data) - {Kind.NOTHING} != frozenset({Kind.DATA}):
        script.report(
            node, f"{name}() is given data that is not surely from the client's getData()", "client"
        )
        return
    if name == "iterateSamples" and (not isinstance(data, cst.Name) or len(call.args) != 2):
        script.report(
            node, "give the data a name first: its samples are taken from three columns now", "client"
        )
        return
    module = script.module

    def table(updated: cst.Call) -> cst.CSTNode:
        method = cst.Call(attribute(updated.args[0].value, "table"), updated.args[1:])
        code = f"[column.tolist() for column in {module.code_for_node(method)}.columns]"
        return parsed(code, module)

    def samples(updated: cst.Call) -> cst.CSTNode:
        data, device = (module.code_for_node(argument.value) for argument in updated.args)
        log = f"{data}[{device}]"
        columns = ", ".join(f"{log}.{column}.tolist()" for column in ("serial", "time", "value"))
        return parsed(f"zip({columns})", module)

    script.edits.add("client", call, table if name == "createTable" else samples)


def _index(node: cst.Subscript) -> cst.BaseExpression | None:
    place = node.slice[0].slice if len(node.slice) == 1 else None
    return place.value if isinstance(place, cst.Index) else None


def _subscripted(node: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(node, cst.Subscript)
    return node.value


def _listed(log: cst.BaseExpression, column: str) -> cst.BaseExpression:
    return cst.Call(attribute(attribute(log, column), "tolist"))

"""The one way through commands within commands: addresses, paths, depth, and commands made anew."""

import pytest
from hypothesis import given
from pydantic import ValidationError

from scan_sdk import Delay, If, Log, Loop, Parallel, Sequence, Set
from scan_sdk.models import tree
from scan_sdk.testing.strategies import command_sequences

SCAN = (
    Set("a", 1),
    Loop("x", 1, 2, 1, [Log("x"), If("y", "=", 1, [Delay(1)]), Parallel()]),
    Delay(2),
)


def test_commands_are_counted_depth_first_from_0() -> None:
    assert [(at, type(command).__name__) for at, command in tree.walk(SCAN)] == [
        (0, "Set"),
        (1, "Loop"),
        (2, "Log"),
        (3, "If"),
        (4, "Delay"),
        (5, "Parallel"),
        (6, "Delay"),
    ]
    assert tree.count(SCAN) == 7


def test_a_visit_knows_what_a_command_is_in() -> None:
    around = [[type(outer).__name__ for outer in place.around] for place in tree.visit(SCAN)]
    assert around == [[], [], ["Loop"], ["Loop"], ["Loop", "If"], ["Loop"], []]


@pytest.mark.parametrize(
    ("address", "chain"), [(0, [0]), (4, [1, 3, 4]), (5, [1, 5]), (6, [6]), (7, []), (-1, [])]
)
def test_the_path_to_an_address(address: int, chain: list[int]) -> None:
    found = tree.path(SCAN, address)
    assert [at for at, _ in found] == chain
    assert found == tuple(place for place in tree.walk(SCAN) if place[0] in chain)


def test_the_depth_is_that_of_bodies_within_each_other() -> None:
    assert (tree.depth(()), tree.depth((Delay(1), Parallel())), tree.depth(SCAN)) == (0, 0, 2)


def test_commands_are_nested_no_deeper_than_the_limit() -> None:
    nested: Delay | Sequence = Delay(1)
    for _ in range(tree.DEEPEST):
        nested = Sequence(nested)
    assert tree.depth((nested,)) == tree.DEEPEST
    with pytest.raises(ValidationError, match="commands are nested more than 96 deep"):
        Sequence(nested)


@given(command_sequences())
def test_commands_that_are_made_anew_as_they_were_are_equal(scan) -> None:
    assert tree.rebuilt(
        scan, lambda old, body: old.model_copy(update={"body": body} if body else {})
    ) == tuple(scan)


@given(command_sequences())
def test_walk_and_visit_agree(scan) -> None:
    assert [(place.address, place.command) for place in tree.visit(scan)] == list(tree.walk(scan))
    assert all(
        tree.path(scan, place.address)[:-1] == () or tree.path(scan, place.address)[-2][1] is place.around[-1]
        for place in tree.visit(scan)
    )
    assert tree.depth(scan) == max((len(place.around) for place in tree.visit(scan)), default=0)


def test_no_depth_is_too_much_for_the_stack() -> None:
    nested = Delay(1)
    for _ in range(20_000):
        nested = Sequence.model_construct(body=(nested,), error_handler="")
    assert tree.count((nested,)) == 20_001
    assert len(tree.path((nested,), 20_000)) == 20_001
    while body := tree.body_of(nested):  # taken apart from outside, as to forget it at once would recurse
        nested = body[0]

"""Commands that know where they were written."""

import copy
import pickle

from scan_sdk import CellSource, CommandSequence, Loop, Set, TextSource

CELL = CellSource(7, "motor_x", "Plan", "night.xlsx")


def test_a_command_made_by_hand_has_no_source():
    assert Set("motor_x", 1).source is None


def test_the_source_is_no_part_of_the_value():
    plain = Set("motor_x", 1)
    placed = plain.at(CELL)
    assert plain.source is None
    assert placed.source == CELL
    assert (placed, hash(placed), repr(placed)) == (plain, hash(plain), repr(plain))
    assert placed.model_dump() == plain.model_dump()
    assert CommandSequence(placed).to_xml() == CommandSequence(plain).to_xml()
    assert CommandSequence(placed).to_json() == CommandSequence(plain).to_json()


def test_copies_keep_the_source():
    placed = Set("motor_x", 1).at(CELL)
    for other in (
        copy.copy(placed),
        copy.deepcopy(placed),
        pickle.loads(pickle.dumps(placed)),
        placed.model_copy(update={"value": 2.0}),
        Loop("motor_y", 1, 2, 1, placed).body[0],
        CommandSequence(placed)[0],
    ):
        assert other.source == CELL


def test_a_document_gives_each_command_its_line_and_column(tmp_path):
    path = tmp_path / "night.scn"
    path.write_text(CommandSequence(Loop("motor_y", 1, 2, 1, Set("motor_x", 1))).to_xml())
    [loop] = CommandSequence.from_xml(path)
    assert loop.source == TextSource(str(path), 2, 3)
    assert [inner.source for inner in loop.body] == [TextSource(str(path), 10, 7)]
    [from_text] = CommandSequence.from_xml("<commands><delay/></commands>")
    assert str(from_text.source) == "commands:1:11"


def test_cells_name_no_more_than_is_known():
    assert str(CELL) == 'night.xlsx, sheet "Plan", row 7, column "motor_x"'
    assert str(CellSource(7)) == "row 7"


def test_deeply_nested_commands_of_other_places_are_compared_in_no_time():
    one = other = Set("x", 1)
    for row in range(60):
        one, other = Loop("y", 1, 2, 1, one).at(CellSource(row)), Loop("y", 1, 2, 1, other)
    assert one == other
    assert hash(one) == hash(other)

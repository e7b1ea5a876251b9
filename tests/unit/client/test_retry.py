"""Which failed requests are sent again."""

import pytest

from scan_sdk._protocol.retry import PAUSES, pause_before_repeat
from scan_sdk.errors import ConnectError, ReplyTimeout, TransportError


@pytest.mark.parametrize("repeatable", [True, False])
def test_what_was_not_sent_may_be_sent_again(repeatable):
    assert pause_before_repeat(ConnectError("refused"), 0, repeatable=repeatable) == PAUSES[0]


def test_what_may_have_been_carried_out_is_repeated_only_if_that_is_harmless():
    broken = TransportError("reset", sent=True)
    assert pause_before_repeat(broken, 0, repeatable=True) == PAUSES[0]
    assert pause_before_repeat(broken, 0, repeatable=False) is None


def test_a_server_that_did_not_answer_in_time_is_not_asked_again():
    assert pause_before_repeat(ReplyTimeout("silent"), 0, repeatable=True) is None


def test_repetitions_are_few_and_quick():
    pauses = [pause_before_repeat(ConnectError("refused"), attempt, repeatable=True) for attempt in range(4)]
    assert pauses == [*PAUSES, None, None]
    assert sum(PAUSES) <= 0.25

"""An agenda says what its schedule says, message by message, and nothing is left out."""

from collections.abc import Iterator
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from simulator.load.agenda import Agenda
from simulator.load.schedule import Slice

PIECES = st.lists(st.lists(st.tuples(st.floats(0, 9), st.integers(0, 9), st.integers(0, 4))))
Piece = list[tuple[float, int, int]]


class Made:
    """A schedule of these pieces."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces

    def slices(self) -> Iterator[Slice]:
        """Yield them."""
        for piece in self.pieces:
            yield Slice(
                [due_s for due_s, _, _ in piece],
                [device for _, device, _ in piece],
                [kind for _, _, kind in piece],
            )


def taken(agenda: Agenda, most: int) -> Piece:
    """Take so many messages, or all that there are."""
    found: Piece = []
    while agenda.due_s < inf and len(found) < most:
        due_s = agenda.due_s
        found.append((due_s, *agenda.take()))
    return found


@given(PIECES)
def test_all_messages_are_taken_in_order(pieces: list[Piece]) -> None:
    agenda = Agenda(Made(pieces))

    assert taken(agenda, 10_000) == [message for piece in pieces for message in piece]
    assert agenda.due_s == inf


@given(PIECES, st.integers(0, 5))
def test_the_rest_is_what_was_not_taken(pieces: list[Piece], most: int) -> None:
    agenda = Agenda(Made(pieces))
    found = taken(agenda, most)

    rest = list(agenda.rest())

    assert [message[1:] for message in found] + rest == [
        message[1:] for piece in pieces for message in piece
    ]

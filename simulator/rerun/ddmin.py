"""Delta debugging: the fewest of many things that still make something happen.

Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (2002), after a gallop
over prefixes, which finds a few culprits among many thousand at the cost of a few small tests where
the suspects stand first.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")
Fails = Callable[[Sequence[T]], bool]


def fewest(suspects: Sequence[T], fails: Fails[T]) -> tuple[T, ...]:
    """Return a part of the suspects, in their order, of which each one is needed to fail.

    The whole must fail. Tests the first suspects before it tests the many.
    """
    return minimal(_prefix(suspects, fails), fails)


def minimal(things: Sequence[T], fails: Fails[T]) -> tuple[T, ...]:
    """Return a part of which each one is needed: ddmin."""
    kept = tuple(things)
    if kept and fails(()):
        return ()
    parts = 2
    while len(kept) > 1:
        chunks = _chunks(kept, parts)
        smaller = _smaller(chunks, fails, parts)
        if smaller is not None:
            kept, was_part = smaller
            parts = 2 if was_part else max(2, parts - 1)
        elif parts < len(kept):
            parts = min(len(kept), parts * 2)
        else:
            break
    return kept


def _smaller(
    chunks: Sequence[tuple[T, ...]], fails: Fails[T], parts: int
) -> tuple[tuple[T, ...], bool] | None:
    """Return a chunk that fails, or all but one; and whether it is one chunk alone."""
    for chunk in chunks:
        if fails(chunk):
            return chunk, True
    if parts == 2:
        return None  # all but one of two is the other one
    for left_out in range(len(chunks)):
        rest = tuple(one for at, chunk in enumerate(chunks) if at != left_out for one in chunk)
        if fails(rest):
            return rest, False
    return None


def _prefix(suspects: Sequence[T], fails: Fails[T]) -> Sequence[T]:
    """Return the shortest prefix that fails, among those of 1, 2, 4, 8, ... suspects."""
    length = 1
    while length < len(suspects):
        if fails(tuple(suspects[:length])):
            break
        length *= 2
    return suspects[:length]


def _chunks(things: tuple[T, ...], parts: int) -> list[tuple[T, ...]]:
    """Cut into so many chunks of nearly the same length."""
    edges = [len(things) * at // parts for at in range(parts + 1)]
    return [things[a:b] for a, b in pairwise(edges) if b > a]


def least(low: float, high: float, fails: Callable[[float], bool], *, steps: int = 8) -> float:
    """Return a number near the smallest that fails, by bisection; `high` must fail."""
    if fails(low):
        return low
    for _ in range(steps):
        middle = (low + high) / 2
        if fails(middle):
            high = middle
        else:
            low = middle
    return high

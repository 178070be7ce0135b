"""Keeps Python's search for cycles from looking through a whole fleet again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG, _MIDDLE, _OLD = 200_000, 20, 100


@contextmanager
def patient_collection() -> Iterator[None]:
    """Look for cycles rarely while the block runs.

    A run makes many objects and few cycles: with the usual thresholds a third of its time goes
    into looking at the same objects (gc.set_threshold counts objects that were made and not freed).
    """
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)

"""Keeps Ctrl-C from tearing what is only right when it is whole."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def unbroken() -> Iterator[None]:
    """Let Ctrl-C wait until the block is over; also a decorator.

    Only in the main thread, where Python lets signals come; a block takes a fraction of a second.
    """
    heard: list[tuple[int, FrameType | None]] = []

    def hold(number: int, frame: FrameType | None) -> None:
        heard.append((number, frame))

    try:
        before = signal.signal(signal.SIGINT, hold)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard and callable(before):
            before(*heard[0])

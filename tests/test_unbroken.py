"""Ctrl-C waits until what must be whole is whole."""

import os
import signal
import threading

import pytest

from simulator.unbroken import unbroken


def test_ctrl_c_comes_when_the_block_is_over() -> None:
    """Not in the middle, not never, and once; blocks may lie in one another."""
    done = []

    @unbroken()
    def outer() -> None:
        inner()
        done.append("outer")

    @unbroken()
    def inner() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        done.append("inner")

    with pytest.raises(KeyboardInterrupt):
        outer()

    assert done == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    """A worker that has not begun, for example."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with unbroken():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_are_left_alone() -> None:
    """Signals come to the main thread only."""
    done = []

    def work() -> None:
        with unbroken():
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done == [1]

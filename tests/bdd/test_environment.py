"""Trouble of the world around a run is an outcome of its own, and never a failed scenario."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import simpy

from simulator.clock import Pacer, wall_s
from simulator.sandbox import Sandbox, serve
from tests.bdd.conftest import PRESS, Suite

pytest_plugins = ["pytester"]


@pytest.fixture
def nobody() -> Iterator[str]:
    """Yield an address at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/panic-api/v2"


def test_an_unreachable_target_is_no_failure(suite: Suite, nobody: str) -> None:
    """The exit code is 3, and the summary says what is wrong."""
    result = suite("--aura-target", nobody, press=PRESS)

    assert result.ret == 3
    assert "failed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["*environment problems, no verdict*", "*has no answer: *"])


def test_a_failure_outweighs_trouble(suite: Suite, nobody: str) -> None:
    """A wrong sentence stays wrong when the target is away."""
    wrong = "Feature: Wrong\n  Scenario: Unit\n    When 20 parsecs pass\n"

    result = suite("--aura-target", nobody, press=PRESS, wrong=wrong)

    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_junit_counts_trouble_as_skipped(
    suite: Suite, nobody: str, pytester: pytest.Pytester
) -> None:
    """Whoever reads the XML finds the reason there."""
    suite("--aura-target", nobody, "--junit-xml", "junit.xml", press=PRESS)

    text = pytester.path.joinpath("junit.xml").read_text("utf-8")

    assert 'failures="0"' in text
    assert "environment: POST" in text


@pytest.mark.slow
def test_a_scenario_plays_over_http(suite: Suite) -> None:
    """On a sandbox at a loopback port, in real time."""
    with _Served() as base_url:
        result = suite("--aura-target", base_url, press=PRESS)

    result.assert_outcomes(passed=1)


class _Served:
    """A sandbox on a thread of its own."""

    def __enter__(self) -> str:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(20)
        return self._base_url

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    async def _serve(self) -> None:
        env = simpy.Environment()
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serve(Sandbox(env, wall_s()), port=0) as server:
            turning = asyncio.create_task(Pacer(env).run(float("inf")))
            self._base_url = server.base_url
            self._ready.set()
            await self._stop.wait()
            turning.cancel()

"""Where scenarios play is said by options, and what cannot be is refused before anything runs."""

from collections.abc import Callable

import pytest

from tests.bdd.conftest import PRESS, Suite

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AURA_CLIENT_ID", "AURA_CLIENT_SECRET", "AURA_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--aura-target", "moon"], "*There is no target 'moon'*"),
        (["--aura-target", "https://panic.aura.services/panic-api/v2"], "*is production*"),
        (["--aura-target", "https://example.com/v2"], "*not an allowed target*"),
        (["--aura-clock", "yesterday"], "*'yesterday' is no clock*"),
        (["--aura-target", "http://127.0.0.1:9", "--aura-clock", "virtual"], "*real time*"),
        (["--aura-port", "/dev/ttyUSB0", "--aura-clock", "virtual"], "*lives in real time*"),
        (["--aura-port", "/dev/ttyUSB0", "--aura-ble", "AA:BB"], "*Say one unit*"),
    ],
)
def test_what_cannot_be_is_a_usage_error(suite: Suite, options: list[str], reason: str) -> None:
    """One sentence says what is wrong and what to say instead."""
    result = suite(*options, press=PRESS)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([reason])


def test_staging_without_credentials_is_a_problem_of_the_environment(suite: Suite) -> None:
    """It ends with exit code 3 and names the variables."""
    result = suite("--aura-target", "staging", press=PRESS)

    assert result.ret == 3
    result.stderr.fnmatch_lines(["*AURA_CLIENT_ID and AURA_CLIENT_SECRET not set*"])


def test_a_target_can_be_named_in_the_ini_file(suite: Suite, pytester: pytest.Pytester) -> None:
    """The name stands for its URL; nobody answers at this one."""
    play = suite
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
        "aura_targets =\n  qa = http://127.0.0.1:9/panic-api/v2\n"
    )

    result = play("--aura-target", "qa", press=PRESS)

    assert result.ret == 3


@pytest.mark.slow
def test_a_scaled_clock_gives_the_same_outcome(suite: Suite) -> None:
    """A minute passes in a tenth of a second."""
    suite("--aura-clock", "scaled=600", press=PRESS).assert_outcomes(passed=1)


def test_the_same_seed_gives_the_same_scenario(scenario: Callable[..., pytest.RunResult]) -> None:
    """The timelines of two runs are the same to the byte."""
    steps = (
        "Given a linked Eview EV07B wearable",
        "When the person presses the wearable",
        "And 1 hour passes",
        "Then the wearable has sent 99 move frames",
    )

    first, second = (scenario(*steps).stdout.lines for _ in range(2))

    def told(lines: list[str]) -> list[str]:
        return [line for line in lines if line.startswith("  00:")]

    assert told(first)
    assert told(first) == told(second)

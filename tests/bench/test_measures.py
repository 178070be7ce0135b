"""How good a figure is: limits of the profile, and the worst value decides."""

import msgspec
import pytest

from simulator.bench.acceptance import Grade
from simulator.bench.acceptance.findings import Findings
from simulator.bench.acceptance.judging import measurements, verdict_of
from simulator.bench.acceptance.measures import (
    battery_span_mv,
    cancel_limits,
    checked,
    measured,
    press_limits,
    within,
)
from simulator.bench.acceptance.record import Verdict
from simulator.profile import Acceptance, load, profile_names

PENDANT = load("serial-pendant-base")


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        ([], Grade.SKIPPED),
        ([0.5, 1.0], Grade.GOOD),
        ([0.5, 1.5], Grade.MARGINAL),
        ([2.0], Grade.MARGINAL),
        ([0.1, 2.1], Grade.FAIL),
    ],
)
def test_the_worst_value_decides(values: list[float], grade: Grade) -> None:
    """Up to the first limit it passes, up to the second it is marginal."""
    assert measured("x", "x", values, (1.0, 2.0)).grade is grade


def test_a_value_out_of_its_span_fails() -> None:
    """Below and above."""
    assert within("x", "x", [3000], (2000, 4000), unit="mV").grade is Grade.GOOD
    assert within("x", "x", [3000, 1999], (2000, 4000), unit="mV").grade is Grade.FAIL
    assert within("x", "x", [], (2000, 4000), unit="mV").grade is Grade.SKIPPED


def test_one_thing_that_went_wrong_fails() -> None:
    """Nothing of it is bearable."""
    assert checked("x", "x", right=3, wrong=0).grade is Grade.GOOD
    assert checked("x", "x", right=3, wrong=1).grade is Grade.FAIL
    assert checked("x", "x", right=0, wrong=0, skipped=True).grade is Grade.SKIPPED
    assert checked("x", "x", right=3, wrong=1).shown == "1 of 4"


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_has_limits(name: str) -> None:
    """Its own, or those that follow from its behaviour and its battery."""
    profile = load(name)
    for good, bearable in (press_limits(profile), cancel_limits(profile)):
        assert 0 < good <= bearable
    low, high = battery_span_mv(profile)
    assert low < profile.battery.full_mv <= high


def test_limits_of_the_profile_win() -> None:
    """They are written in [acceptance]."""
    limits = Acceptance(
        press_to_frame_s=(0.1, 0.2), cancel_to_frame_s=(0.3, 0.4), battery_mv=(1000, 1100)
    )
    profile = msgspec.structs.replace(PENDANT, acceptance=limits)

    assert press_limits(profile) == (0.1, 0.2)
    assert cancel_limits(profile) == (0.3, 0.4)
    assert battery_span_mv(profile) == (1000, 1100)


def found(**changes: object) -> Findings:
    """Return what a session found in which all was well, but for the changes."""
    findings = Findings(
        press_to_frame_s=[1.2],
        cancel_to_frame_s=[3.1],
        frame_to_callout_s=[0.01],
        cancel_to_closed_s=[0.01],
        copies=[1.0],
        opened=1,
        closed=1,
    )
    for name, value in changes.items():
        setattr(findings, name, value)
    return findings


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({}, Verdict.PASSED, ""),
        ({"press_to_frame_s": [3.0]}, Verdict.MARGINAL, "finger down to frame"),
        ({"press_to_frame_s": [30.0]}, Verdict.FAILED, "finger down to frame"),
        ({"copies": [41.0]}, Verdict.FAILED, "copies of a press"),
        ({"doubled": 1}, Verdict.FAILED, "callouts too many"),
        ({"unheard": 1}, Verdict.FAILED, "presses without a frame"),
        ({"unheard_cancels": 1}, Verdict.FAILED, "cancels without a frame"),
        ({"not_opened": 1}, Verdict.FAILED, "presses without an open callout"),
        ({"not_closed": 1}, Verdict.FAILED, "callouts left open"),
        ({"moves_told": 0}, Verdict.FAILED, "walks without a position"),
        ({"moves_told": 2}, Verdict.PASSED, ""),
        ({"battery_follows": False}, Verdict.FAILED, "do not follow the battery"),
        ({"frame_to_callout_s": [6.0]}, Verdict.FAILED, "frame to callout"),
        ({"cancel_to_closed_s": [6.0]}, Verdict.FAILED, "cancel to closed"),
        ({"opened": 0, "closed": 0}, Verdict.VOID, "skipped"),
    ],
)
def test_the_verdict_says_what_it_is_based_on(
    changes: dict[str, object], verdict: Verdict, reason: str
) -> None:
    """Each way to fail is named."""
    findings = found(**changes)

    said, reasons = verdict_of(findings, measurements(PENDANT, findings))

    assert said is verdict
    assert reason in " ".join(reasons)

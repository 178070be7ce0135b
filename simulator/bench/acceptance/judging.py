"""From what a session found to its measurements and its verdict."""

from collections.abc import Sequence

from simulator.bench.acceptance.findings import Findings
from simulator.bench.acceptance.measures import (
    Grade,
    Measurement,
    battery_span_mv,
    cancel_limits,
    checked,
    measured,
    press_limits,
    within,
)
from simulator.bench.acceptance.record import Verdict
from simulator.profile import CancelSource, Profile


def measurements(profile: Profile, found: Findings) -> list[Measurement]:
    """Return all measurements of a session, in the order of the way of a press."""
    asked = profile.acceptance
    by_hand = f"by hand, within {found.error_s:.1f} s" if found.error_s > 0.05 else ""
    copies = float(asked.copies[0]), float(asked.copies[1])
    return [
        measured(
            "press_to_frame",
            "finger down to frame",
            found.press_to_frame_s,
            press_limits(profile),
            note=by_hand or "the hold is part of it",
        ),
        checked(
            "unheard",
            "presses without a frame",
            right=len(found.copies) + found.not_opened,
            wrong=found.unheard,
            skipped=not (found.stages or found.unheard),
        ),
        measured(
            "frame_to_callout",
            "frame to callout",
            found.frame_to_callout_s,
            asked.frame_to_callout_s,
        ),
        checked(
            "callouts",
            "presses without an open callout",
            right=found.opened,
            wrong=found.not_opened,
            skipped=not (found.opened or found.not_opened),
        ),
        measured("repetition", "copies of a press", found.copies, copies, unit="frames"),
        checked(
            "doubled",
            "callouts too many",
            right=found.opened,
            wrong=found.doubled,
            skipped=not found.opened,
        ),
        *_cancels(profile, found),
        _move(found),
        *_battery(profile, found),
    ]


def _cancels(profile: Profile, found: Findings) -> list[Measurement]:
    asked = profile.acceptance
    is_native = profile.behaviour.cancel_source is CancelSource.NATIVE
    rows = [
        measured(
            "cancel_to_closed",
            "cancel to closed callout",
            found.cancel_to_closed_s,
            asked.cancel_to_closed_s,
            note="from the frame" if is_native else "by the operator; the device has no cancel",
        ),
        checked(
            "closed",
            "callouts left open",
            right=found.closed,
            wrong=found.not_closed,
            skipped=not (found.closed or found.not_closed),
        ),
    ]
    if is_native:
        limits = cancel_limits(profile)
        note = "the hold is part of it"
        title = "finger down to cancel frame"
        rows.insert(
            0,
            measured("cancel_to_frame", title, found.cancel_to_frame_s, limits, note=note),
        )
        heard, unheard = len(found.cancel_to_frame_s), found.unheard_cancels
        rows.insert(
            1,
            checked(
                "unheard_cancels",
                "cancels without a frame",
                right=heard,
                wrong=unheard,
                skipped=not (heard or unheard),
            ),
        )
    return rows


def _move(found: Findings) -> Measurement:
    told = found.moves_told
    return checked(
        "move",
        "walks without a position",
        right=int(bool(told)),
        wrong=int(told == 0),
        skipped=told is None,
        note="" if told is not None else "not asked of this unit",
    )


def _battery(profile: Profile, found: Findings) -> list[Measurement]:
    values = [one.values for one in found.frames if one.is_readable]
    rows = []
    for name, unit, span in (
        ("battery_mv", "mV", battery_span_mv(profile)),
        ("battery_percent", "%", (0.0, 100.0)),
    ):
        said = [float(v) for one in values if isinstance(v := one.get(name), int | float)]
        rows.append(within(name, f"battery in {unit}", said, span, unit=unit))
    follows = found.battery_follows
    if follows is not None:
        title = "battery reports that do not follow the battery"
        rows.append(checked("battery_follows", title, right=int(follows), wrong=int(not follows)))
    known = found.battery_at_aura
    if known is not None:
        title = "battery reports that AURA does not know"
        rows.append(checked("battery_at_aura", title, right=int(known), wrong=int(not known)))
    return [row for row in rows if row.grade is not Grade.SKIPPED] or rows[:1]


def verdict_of(found: Findings, rows: Sequence[Measurement]) -> tuple[Verdict, list[str]]:
    """Return the verdict of a session that came to its end, and what it is based on."""
    failed = [row for row in rows if row.grade is Grade.FAIL]
    if failed:
        return Verdict.FAILED, [f"{row.title}: {row.shown} (limit {row.limits})" for row in failed]
    if not found.opened:
        return Verdict.VOID, ["Nothing was tried: every act was skipped."]
    marginal = [row for row in rows if row.grade is Grade.MARGINAL]
    if marginal:
        return Verdict.MARGINAL, [f"{row.title}: {row.shown} ({row.limits})" for row in marginal]
    return Verdict.PASSED, []

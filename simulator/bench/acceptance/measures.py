"""What is measured on a unit, and how good that is."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from simulator.profile import Profile


class Grade(StrEnum):
    """How a measurement stands to its limits."""

    GOOD = "pass"
    MARGINAL = "marginal"
    FAIL = "fail"
    SKIPPED = "skipped"


class Measurement(Struct, frozen=True, kw_only=True):
    """One figure of a unit: all values, the limits, and the grade of the worst of them."""

    name: str
    title: str
    unit: str
    values: list[float]
    good: float | None = None  # up to here it passes
    bearable: float | None = None  # up to here it is marginal
    lowest: float | None = None  # below this it fails
    grade: Grade
    note: str = ""

    @property
    def worst(self) -> float | None:
        """Return the value that decides."""
        return max(self.values, default=None)

    @property
    def shown(self) -> str:
        """Return the values as a person reads them."""
        if not self.values:
            return "-"
        low, high = f"{min(self.values):.4g}", f"{max(self.values):.4g}"
        span = low if low == high else f"{low} to {high}"
        return f"{span} {self.unit}".strip()

    @property
    def limits(self) -> str:
        """Return the limits as a person reads them."""
        if self.lowest is not None and self.good is not None:
            return f"{self.lowest:g} to {self.good:g} {self.unit}".strip()
        if self.good is None or self.bearable is None:
            return ""
        if self.bearable == 0:
            return "none"
        return f"{self.good:g}, at most {self.bearable:g} {self.unit}".strip()


def measured(
    name: str,
    title: str,
    values: Sequence[float],
    limits: tuple[float, float],
    *,
    unit: str = "s",
    note: str = "",
) -> Measurement:
    """Return a measurement whose worst value decides; skipped without values."""
    good, bearable = limits
    worst = max(values, default=None)
    if worst is None:
        grade = Grade.SKIPPED
    elif worst <= good:
        grade = Grade.GOOD
    else:
        grade = Grade.MARGINAL if worst <= bearable else Grade.FAIL
    return Measurement(
        name=name,
        title=title,
        unit=unit,
        values=[round(value, 4) for value in values],
        good=good,
        bearable=bearable,
        grade=grade,
        note=note,
    )


def within(
    name: str, title: str, values: Sequence[float], span: tuple[float, float], *, unit: str
) -> Measurement:
    """Return a measurement whose values must all lie in a span."""
    is_good = all(span[0] <= value <= span[1] for value in values)
    grade = (Grade.GOOD if is_good else Grade.FAIL) if values else Grade.SKIPPED
    return Measurement(
        name=name,
        title=title,
        unit=unit,
        values=[round(value, 3) for value in values],
        lowest=span[0],
        good=span[1],
        grade=grade,
        note="" if values else "the device said nothing of it",
    )


def checked(
    name: str, title: str, *, right: int, wrong: int, note: str = "", skipped: bool = False
) -> Measurement:
    """Return a measurement that counts how often something was not as it should be."""
    grade = Grade.SKIPPED if skipped else Grade.FAIL if wrong else Grade.GOOD
    return Measurement(
        name=name,
        title=title,
        unit=f"of {right + wrong}",
        values=[] if skipped else [float(wrong)],
        good=0.0,
        bearable=0.0,
        grade=grade,
        note=note,
    )


def press_limits(profile: Profile) -> tuple[float, float]:
    """Return how long a press may take to its frame, from the finger down."""
    asked = profile.acceptance
    return asked.press_to_frame_s or _due(profile, asked.hold_s)


def cancel_limits(profile: Profile) -> tuple[float, float]:
    """Return how long a cancel may take to its frame, from the finger down."""
    asked = profile.acceptance
    return asked.cancel_to_frame_s or _due(profile, asked.cancel_hold_s)


def _due(profile: Profile, hold_s: float) -> tuple[float, float]:
    usual_s = profile.behaviour.press_to_frame_s
    return hold_s + 2 * usual_s + 0.5, hold_s + 4 * usual_s + 2.0


def battery_span_mv(profile: Profile) -> tuple[float, float]:
    """Return between which voltages a report is plausible."""
    if profile.acceptance.battery_mv is not None:
        return profile.acceptance.battery_mv
    battery = profile.battery
    return round(0.9 * battery.empty_mv), round(1.1 * battery.full_mv)

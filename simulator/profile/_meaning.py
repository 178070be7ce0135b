"""What a decoded frame means by the rules of its profile: asked by every reader of native bytes."""

from collections.abc import Mapping

from simulator.frame import Kind, Value
from simulator.profile._model import Meaning, Profile

Values = Mapping[str, Value]


def meanings(
    profile: Profile, values: Values, previous: Values | None, is_open: bool
) -> list[Kind]:
    """Return what a frame means: the kind of each rule that holds, in the order of the rules.

    `previous` are the values of the device's last frame, None when this is its first; `is_open`
    says whether a callout of the device is open. An empty list means nothing AURA should hear of.
    """
    before = previous or {}
    held = [rule.kind for rule in profile.meaning if _holds(rule, values, before, is_open)]
    return list(dict.fromkeys(held)) if len(held) > 1 else held


def _holds(rule: Meaning, values: Values, previous: Values, is_open: bool) -> bool:
    if rule.when_open is not None and rule.when_open != is_open:
        return False
    for key, wanted in rule.when.items():  # noqa: SIM110 - half the time, for every frame
        if not _fits(wanted, key, values, previous):
            return False
    return True


def _fits(wanted: Value, key: str, values: Values, previous: Values) -> bool:
    """Return whether one value is as a rule wants it: a word, one of a list, or the very value."""
    found = values.get(key)
    if wanted == "present":
        return found is not None
    if wanted == "absent":
        return found is None
    if wanted == "rises":
        return bool(found) and not previous.get(key)
    if wanted == "falls":
        return found is not None and not found and bool(previous.get(key))
    if isinstance(wanted, list):
        return any(_same(found, option) for option in wanted)
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def _same(found: Value, wanted: Value) -> bool:
    """Return whether two values are equal; true is not 1 here, though Python says so."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)

"""The facts of the moment that a frame template may name with a `$`."""

from collections.abc import Iterable, Mapping

from simulator.frame import Value

FACTS = {
    "serial": "the serial of the unit",
    "device_id": "what AURA's template derives from the serial",
    "gesture": "the gesture of the person, one of behaviour.gestures",
    "sequence": "count of frames, 16 bits",
    "packet_id": "count of frames, 8 bits",
    "time": "now, ISO 8601 in UTC",
    "battery_percent": "battery level, 0 to 100",
    "battery_mv": "battery voltage in millivolts",
    "low_battery": "whether the level is under battery.low_percent",
    "motion": "whether the unit is on the move",
    "speed_kmh": "speed over ground",
    "latitude": "found latitude in degrees; costs a fix",
    "longitude": "found longitude in degrees; costs a fix",
    "accuracy_m": "stated accuracy in metres; costs a fix",
}
POSITION = frozenset({"latitude", "longitude", "accuracy_m"})


def facts_named(values: Mapping[str, Value]) -> frozenset[str]:
    """Return the facts that the values of a frame template name."""
    return frozenset(_named(values.values()))


def filled(value: Value, facts: Mapping[str, Value]) -> Value:
    """Return a template value with its facts put in."""
    if isinstance(value, str) and value.startswith("$"):
        return facts[value[1:]]
    if isinstance(value, list):
        return [filled(item, facts) for item in value]
    return value


def _named(values: Iterable[Value]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str) and value.startswith("$"):
            yield value[1:]
        elif isinstance(value, list):
            yield from _named(value)

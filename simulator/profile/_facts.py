"""The facts of the moment that a frame template may name with a `$`."""

from collections.abc import Iterable, Iterator, Mapping

from simulator.frame import Value

FACTS = {
    "serial": "the serial of the unit",
    "device_id": "what AURA's template derives from the serial",
    "gesture": "the gesture of the person, one of behaviour.gestures",
    "press_count": "count of presses since the unit was switched on, this one included",
    "sos_active": "whether an emergency is on at the device",
    "sequence": "count of frames, 16 bits",
    "packet_id": "count of frames, 8 bits",
    "sequence_hex": "count of frames, four hex digits in capitals",
    "sequence_text": "count of frames, four decimal digits, 0001 to 9999",
    "time": "now, ISO 8601 in UTC",
    "sent_time": "when the frame is sent, ISO 8601 in UTC; later than `time` if it was kept",
    "time_ms": "now, milliseconds since 1970",
    "time_of_day": "now in UTC, hhmmss",
    "local_time": "now in the local time of South Africa, yymmddhhmm",
    "battery_percent": "battery level, 0 to 100",
    "battery_sixths": "battery level, 0 to 6",
    "battery_mv": "battery voltage in millivolts",
    "charging": "whether the unit is on its charger",
    "low_battery": "whether the level is under battery.low_percent",
    "motion": "whether the unit is on the move",
    "speed_kmh": "speed over ground",
    "latitude": "found latitude in degrees; costs a fix",
    "longitude": "found longitude in degrees; costs a fix",
    "accuracy_m": "stated accuracy in metres; costs a fix",
}
POSITION = frozenset({"latitude", "longitude", "accuracy_m"})
COUNTS = frozenset({"sequence", "packet_id", "sequence_hex", "sequence_text", "sent_time"})
"""Facts that a frame has only when it is sent."""


def facts_named(values: Mapping[str, Value]) -> frozenset[str]:
    """Return the facts that the values of a frame template name."""
    return frozenset(_named(values.values()))


def filled(value: Value, facts: Mapping[str, Value]) -> Value:
    """Return a template value with its facts put in."""
    if isinstance(value, str) and value.startswith("$"):
        return facts[value[1:]]
    if isinstance(value, list):
        return [filled(item, facts) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, facts) for key, item in value.items()}
    return value


def _named(values: Iterable[Value]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and value.startswith("$"):
            yield value[1:]
        elif isinstance(value, list):
            yield from _named(value)
        elif isinstance(value, dict):
            yield from _named(value.values())

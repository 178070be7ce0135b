"""What the fast path writes is what the gateway of a run writes."""

import json

import pytest

from simulator.frame import Kind
from simulator.gateway.events import device_event
from simulator.load.bodies import Model, speakers
from simulator.load.linking import taken
from simulator.load.schedule import BATTERY, CANCEL, KINDS, MOVE, OTHER, PRESS
from simulator.profile import load, profile_names

PLACE = (54.0, 25.0)


def told(name: str, code: int, number: int = 3) -> dict[str, object]:
    """Return the event of a device's message as AURA reads it."""
    profile = load(name)
    (speaker,) = speakers([(profile, 1)], taken([(profile, 1)]), PLACE)
    code = speaker.model.codes[code]
    event: dict[str, object] = json.loads(
        speaker.model.body(speaker, code, number, lambda: 1_780_000_000.0)
    )
    return event


def sayable() -> list[str]:
    """Return the profiles that a load test can speak for."""
    return [name for name in profile_names() if Kind.PRESS in load(name).frames]


@pytest.mark.parametrize("name", sayable())
def test_every_kind_of_every_profile_is_json_that_names_its_device(name: str) -> None:
    profile = load(name)
    (device_id,) = taken([(profile, 1)])

    for code in range(len(KINDS)):
        event = told(name, code)

        assert event["device_type_id"] == profile.aura.device_type_id
        assert device_id in (event.get("device_id"), event.get("device"))


@pytest.mark.parametrize("code", [PRESS, MOVE, CANCEL, BATTERY])
def test_the_structured_event_is_the_gateways(code: int) -> None:
    profile = load("aura-structured")
    event = told("aura-structured", code)
    position = event.get("location") or event.get("body") or {}
    assert isinstance(position, dict)
    values = {
        "latitude": position.get("latitude"),
        "longitude": position.get("longitude"),
        "accuracy_m": 10,
        "battery_percent": position.get("battery"),
    }

    assert event == device_event(profile, str(event["device_id"]), KINDS[code], values)


def test_messages_differ_from_one_to_the_next() -> None:
    assert told("aura-structured", MOVE, 1) != told("aura-structured", MOVE, 2)
    assert told("aura-structured", BATTERY, 1) != told("aura-structured", BATTERY, 2)
    assert told("simplepack-plus", PRESS, 1) != told("simplepack-plus", PRESS, 2)


def test_what_a_model_cannot_say_is_said_as_what_it_can() -> None:
    """A button without GNSS reports its battery where a tracker would report a position."""
    model = Model(load("milesight-ws101"))

    assert model.codes[PRESS] == PRESS
    assert model.codes[MOVE] == model.codes[CANCEL] == model.codes[OTHER] == BATTERY

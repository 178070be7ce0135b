"""Mutants of our own pipeline: devices, gateway and client."""

from typing import Any

from simulator.bdd.mutants.planting import Function, Mutant, swap
from simulator.bdd.mutants.rules import always

_GATEWAY = "simulator.gateway"
_DEVICE = "simulator.device"


def _usual_gesture(press: Function) -> Function:
    def pressed(fleet: Any, unit: Any, gesture: str) -> Any:
        del gesture
        return press(fleet, unit, unit.firmware.profile.behaviour.gestures[0])

    return pressed


def _patient(_: Function) -> Function:
    return lambda policy, attempt, *_rest: 30.0 if attempt < 60 else None


PIPELINE: tuple[Mutant, ...] = (
    swap(
        "repetitions-are-events",
        "The gateway takes every copy of a frame for a new event.",
        f"{_GATEWAY}.reader:Reader._is_repetition",
        always(False),
    ),
    swap(
        "gateway-forgets-battery",
        "The gateway does not pass battery levels on.",
        f"{_GATEWAY}.events:_health",
        always({}),
    ),
    swap(
        "gateway-forgets-position",
        "The gateway does not pass positions on.",
        f"{_GATEWAY}.events:_position",
        always({}),
    ),
    swap(
        "gateway-gives-up",
        "The gateway tries once and no more.",
        "simulator.aura.session:Session._may_repeat",
        always(False),
    ),
    Mutant(
        "gateway-repeats-for-ever",
        "The gateway sends an old press when AURA is back.",
        (
            ("simulator.aura.session:Session._may_repeat", always(True)),
            ("simulator.aura.session:Session._check_fresh", always(None)),
            ("simulator.aura.retry:RetryPolicy.pause_s", _patient),
        ),
    ),
    swap(
        "operator-does-not-cancel",
        "Who calls the operator is not heard.",
        f"{_GATEWAY}.gateway:Gateway.cancel",
        always(None),
    ),
    swap(
        "token-for-every-request",
        "A token is asked for before every request.",
        "simulator.aura.bearer:Bearer.is_due",
        always(True),
    ),
    swap(
        "device-does-not-resend",
        "A frame that nobody acknowledges is not sent again.",
        f"{_DEVICE}.delivery:Delivery.overdue",
        always([]),
    ),
    swap(
        "gestures-are-mistaken",
        "Every gesture is taken for the first one.",
        "simulator.fleet.engine:Fleet.press",
        _usual_gesture,
    ),
    swap(
        "device-does-not-follow",
        "After a press no positions follow.",
        f"{_DEVICE}.emergency:Emergency._plan_position",
        always(None),
    ),
    swap(
        "device-cannot-cancel",
        "The device's own gesture of a cancel is not sent.",
        f"{_DEVICE}.firmware:Firmware._cancel",
        always([]),
    ),
    swap(
        "low-battery-is-silent",
        "A low battery is not told.",
        f"{_DEVICE}.battery:BatteryState.is_low",
        always(False),
    ),
    swap(
        "dead-device-speaks",
        "A device with an empty battery goes on.",
        f"{_DEVICE}.battery:BatteryState.is_empty",
        always(False),
    ),
    swap(
        "device-does-not-report",
        "A device makes no reports of its own accord.",
        f"{_DEVICE}.firmware:Firmware._report",
        always([]),
    ),
)

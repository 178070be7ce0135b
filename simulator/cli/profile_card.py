"""The card of a profile: what the device can do, what it says, how sure we are of each number."""

from collections.abc import Iterator

import msgspec

from simulator.profile import CancelSource, LorawanLink, Profile, SigfoxLink


def abilities(profile: Profile) -> Iterator[str]:
    """Yield what the device can do, one sentence each."""
    behaviour = profile.behaviour
    yield f"calls for help by {' or '.join(behaviour.gestures)}"
    yield _cancel(profile)
    yield from _connection(profile)
    yield from _reports(profile)
    yield from _emergency(profile)
    yield from _delivery(profile)
    if profile.commands:
        yield f"obeys {', '.join(profile.commands)}{_when_it_listens(profile)}"


def frames(profile: Profile) -> list[list[object]]:
    """Return the rows of the table of frames: kind, port, what is said."""
    return [
        [kind.value, template.port, ", ".join(f"{k}={v}" for k, v in template.values.items())]
        for kind, template in profile.frames.items()
    ]


def fidelity(profile: Profile) -> list[list[object]]:
    """Return the rows of the table of numbers: key, value, origin, source."""
    rows: list[list[object]] = []
    for part, origins in profile.provenance.items():
        values = msgspec.structs.asdict(getattr(profile, part))
        for key, text in origins.items():
            origin, _, source = text.partition(":")
            rows.append([f"{part}.{key}", values[key], origin, source.strip()])
    return rows


def _cancel(profile: Profile) -> str:
    behaviour = profile.behaviour
    if behaviour.cancel_source is CancelSource.NONE:
        return "cannot be cancelled"
    gesture = f" ({behaviour.cancel_gesture})" if behaviour.cancel_gesture else ""
    if behaviour.cancel_source is CancelSource.NATIVE:
        return f"cancels at the device{gesture}"
    silent = f"; its own gesture{gesture} is told to nobody" if gesture else ""
    return f"is cancelled by the operator{silent}"


def _connection(profile: Profile) -> Iterator[str]:
    behaviour = profile.behaviour
    if behaviour.join_s:
        yield "joins its network before it speaks"
    if behaviour.login_reply_s:
        yield f"logs in and waits {_span(behaviour.login_reply_s)} for the answer"
    elif behaviour.login:
        yield "introduces itself when it is switched on"


def _reports(profile: Profile) -> Iterator[str]:
    behaviour = profile.behaviour
    periods = {
        "battery": behaviour.report_s,
        "a heartbeat": behaviour.heartbeat_s,
        "its position": behaviour.position_s,
        "its position on the move": behaviour.position_moving_s,
    }
    for what, period in periods.items():
        if period:
            yield f"reports {what} every {_span(period)}"


def _emergency(profile: Profile) -> Iterator[str]:
    behaviour = profile.behaviour
    if behaviour.sos_position_s and behaviour.sos_positions:
        period = _span(behaviour.sos_position_s)
        yield f"sends {behaviour.sos_positions} positions after a press, one every {period}"
    if behaviour.sos_repeat_s and behaviour.sos_repeats:
        period = _span(behaviour.sos_repeat_s)
        until = ", until the server replies" if behaviour.sos_ended_by_reply else ""
        yield f"repeats the call every {period}, {behaviour.sos_repeats} times{until}"
    if behaviour.sos_toggle:
        yield "ends an emergency by the gesture that begins one"


def _delivery(profile: Profile) -> Iterator[str]:
    behaviour = profile.behaviour
    if behaviour.ack_timeout_s:
        wait = _span(behaviour.ack_timeout_s)
        again = f", and sends again {behaviour.resends} times" if behaviour.resends else ""
        yield f"waits {wait} for an acknowledgement{again}"
    if behaviour.store:
        yield f"keeps {behaviour.store} records that it cannot send"


def _when_it_listens(profile: Profile) -> str:
    if isinstance(profile.link, SigfoxLink):
        return " when it has asked for a downlink"
    return " after an uplink" if isinstance(profile.link, LorawanLink) else ""


def _span(seconds: float) -> str:
    """Return a time as people say it."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"

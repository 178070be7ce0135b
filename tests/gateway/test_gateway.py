"""The gateway: frames to messages, messages to AURA, in order and with what AURA makes of them."""

import json

import msgspec
import pytest
import simpy

from simulator.aura import (
    Credentials,
    Request,
    Response,
    Secret,
    Session,
    TransportError,
    TransportFailure,
)
from simulator.aura.types import CustomerId
from simulator.clock import iso
from simulator.codec import codec
from simulator.device import Position
from simulator.frame import Frame, Kind, Value
from simulator.gateway import Courier, Gateway, LinkedDevice, Message, Reader, Reading
from simulator.journal import Answered, CalloutClosed, EventSent, Failed, MemoryJournal, Received
from simulator.link import CoarsePosition
from simulator.profile import Profile, codec_of, load
from simulator.rng import Rng

EPOCH = 1_780_000_000.0


class Aura:
    """Answers as told; takes note of what it is asked. One answer takes `takes_s`."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self.takes_s = 0.0
        self.events: list[dict[str, Value]] = []
        self.cancelled: list[str] = []
        self.answers: list[Response | TransportError] = []
        self.callout = 1

    def send(self, request: Request) -> simpy.Event:
        """Answer after the time an answer takes."""
        return self._env.process(self._answer(request))

    def _answer(self, request: Request):  # type: ignore[no-untyped-def]
        if request.path.endswith("/oauth/token"):
            yield self._env.timeout(0.0)
            return _json(
                200, {"accessToken": "a-made-up-token", "tokenType": "Bearer", "expiresIn": 3600}
            )
        yield self._env.timeout(self.takes_s)
        if request.path.endswith("/cancel"):
            self.cancelled.append(request.path)
            return _json(200, {"callout": {"id": self.callout, "status": "Responder Cancelled"}})
        self.events.append(json.loads(request.body))
        answer = self.answers.pop(0) if self.answers else _json(200, self._resolved())
        if isinstance(answer, TransportError):
            raise answer
        return answer

    def _resolved(self) -> Value:
        response: Value = {"calloutId": self.callout, "deviceId": "1"}
        return {
            "message": "ok",
            "resolvedAuraEvent": {"eventTypes": "X", "eventResponse": response},
        }


def _json(status: int, body: Value) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(body).encode())


class Desk:
    """One gateway with one linked device."""

    def __init__(self, profile: str = "aura-structured") -> None:
        self.env = simpy.Environment()
        self.aura = Aura(self.env)
        self.journal = MemoryJournal()
        session = Session(
            Credentials("id", Secret("secret")),
            lambda: EPOCH + self.env.now,
            Rng(1).stream(0, "retry"),
        )
        courier = Courier(self.env, session, self.aura)
        self.gateway = Gateway(self.env, self.journal, courier, EPOCH)
        self.profile: Profile = load(profile)
        self.device = LinkedDevice(
            "d/1", self.profile, "00000001", CustomerId(5), Position(-26.0, 28.0)
        )
        self.gateway.add(self.device)
        self.sequence = 0

    def hear(
        self,
        values: dict[str, Value],
        kind: Kind = Kind.OTHER,
        position: CoarsePosition | None = None,
    ) -> bytes | None:
        """Let a frame with these values arrive now."""
        payload = codec_of(self.profile).encode(values)
        return self.hear_bytes(payload, kind, position)

    def hear_bytes(
        self, payload: bytes, kind: Kind = Kind.OTHER, position: CoarsePosition | None = None
    ) -> bytes | None:
        """Let a frame of these bytes arrive now."""
        press = "d/1#1" if kind in (Kind.PRESS, Kind.CANCEL) else None
        frame = Frame("d/1", self.sequence, kind, payload, self.env.now, press, port=85)
        self.sequence += 1
        return self.gateway.receive("d/1", frame, position)

    def records(self, *kinds: type) -> list[object]:
        """Return the records of some types."""
        return [record for record in self.journal.records if isinstance(record, kinds)]


PRESS: dict[str, Value] = {
    "message_type": 1,
    "device_id": "1",
    "latitude": -26.1,
    "longitude": 28.1,
}
CANCEL: dict[str, Value] = {"message_type": 3, "device_id": "1"}


def test_a_press_becomes_the_structured_event_of_the_template() -> None:
    """Device id of the link, type of the template, position where the template has it."""
    desk = Desk()
    desk.hear({**PRESS, "accuracy_m": 12}, Kind.PRESS)
    desk.env.run()

    assert desk.aura.events == [
        {
            "device_id": "00000001",
            "device_type_id": 5,
            "message_type": 1,
            "location": {"latitude": -26.1, "longitude": 28.1, "accuracy": 12},
        }
    ]


def test_a_button_without_a_position_is_where_it_is_installed() -> None:
    """The gateway knows the fixed position of the device."""
    desk = Desk("milesight-ws101")
    desk.hear_bytes(bytes.fromhex("ff2e02"), Kind.PRESS)
    desk.env.run()

    assert desk.aura.events[0]["location"] == {"latitude": -26.0, "longitude": 28.0}


def test_one_frame_may_mean_two_messages() -> None:
    """A press with a battery level is a press, then a battery report."""
    desk = Desk("milesight-ws101")
    desk.hear_bytes(bytes.fromhex("017510ff2e02"), Kind.PRESS)
    desk.env.run()

    assert [event["message_type"] for event in desk.aura.events] == [1, 4]
    assert desk.aura.events[1]["body"] == {"battery": 16}


def test_a_raw_template_sends_the_sigfox_callback_as_it_is() -> None:
    """Hex data, sequence number, time, and the coarse position of the network."""
    desk = Desk("simplepack-plus")
    desk.hear_bytes(bytes.fromhex("0130"), Kind.PRESS, CoarsePosition(-26.2, 28.2, 1500.0))
    desk.env.run()

    assert desk.aura.events == [
        {
            "device_type_id": 12,
            "device": "00000001",
            "time": int(EPOCH),
            "data": "0130",
            "seqNumber": 0,
            "lat": -26.2,
            "lng": 28.2,
            "radius": 1500.0,
        }
    ]


def test_the_gateway_learns_which_callout_is_open() -> None:
    """From the answer to a press; told once to whoever wants to know."""
    desk = Desk()
    opened: list[int] = []
    desk.gateway.on_opened = lambda device, callout: opened.append(callout)
    desk.hear(PRESS, Kind.PRESS)
    desk.env.run()
    desk.hear(PRESS, Kind.PRESS)
    desk.env.run()

    assert opened == [1]
    assert desk.gateway.open_callouts == [("d/1", 1)]


def test_a_cancel_never_overtakes_its_press() -> None:
    """Messages of one device go one after the other, however slow AURA is."""
    desk = Desk()
    desk.aura.takes_s = 3.0
    desk.hear(PRESS, Kind.PRESS)
    desk.hear(CANCEL, Kind.CANCEL)
    desk.env.run(until=4.0)

    assert [event["message_type"] for event in desk.aura.events] == [1]
    desk.env.run()
    assert [event["message_type"] for event in desk.aura.events] == [1, 3]
    sent, answered = desk.records(EventSent), desk.records(Answered)
    assert isinstance(sent[1], EventSent)
    assert isinstance(answered[0], Answered)
    assert sent[1].t >= answered[0].t


def test_a_cancel_by_the_device_closes_what_the_gateway_holds_open() -> None:
    """And is written as closed by cancel."""
    desk = Desk()
    desk.hear(PRESS, Kind.PRESS)
    desk.hear(CANCEL, Kind.CANCEL)
    desk.env.run()

    assert desk.gateway.open_callouts == []
    assert [r.by for r in desk.journal.records if isinstance(r, CalloutClosed)] == ["cancel"]


def test_the_operator_cancels_by_the_api() -> None:
    """The open callout of the device, by its number."""
    desk = Desk("milesight-ws101")
    desk.hear_bytes(bytes.fromhex("ff2e02"), Kind.PRESS)
    desk.gateway.cancel("d/1", "d/1#1")
    desk.env.run()

    assert desk.aura.cancelled == ["/panic-api/v2/callouts/1/cancel"]
    answers = [r for r in desk.journal.records if isinstance(r, Answered)]
    assert [(r.kind, r.press, r.callout) for r in answers] == [
        ("press", "d/1#1", 1),
        ("cancel", "d/1#1", 1),
    ]


def test_an_operator_waits_for_a_press_that_is_still_on_its_way() -> None:
    """The person calls before the press has arrived: it is cancelled as soon as it has."""
    desk = Desk("milesight-ws101")
    desk.gateway.cancel("d/1", "d/1#1")
    desk.env.run()
    assert desk.aura.cancelled == []

    desk.hear_bytes(bytes.fromhex("ff2e02"), Kind.PRESS)
    desk.env.run()

    assert desk.aura.cancelled == ["/panic-api/v2/callouts/1/cancel"]
    assert desk.gateway.open_callouts == []


def test_an_operator_whose_callout_is_over_says_so() -> None:
    """The press has been answered, and its callout closed: there is nothing to cancel."""
    desk = Desk("milesight-ws101")
    desk.hear_bytes(bytes.fromhex("ff2e02"), Kind.PRESS)
    desk.env.run()
    callout = desk.device.callout
    assert callout is not None
    desk.gateway.closed("d/1", callout, "control room")
    desk.gateway.cancel("d/1", "d/1#1")
    desk.env.run()

    assert desk.aura.cancelled == []
    assert [r.reason for r in desk.journal.records if isinstance(r, Failed)] == [
        "no callout of the device is open"
    ]


def test_a_refused_press_is_written_with_status_and_reason() -> None:
    """AURA's message is kept; nothing is tried again."""
    desk = Desk()
    desk.aura.answers = [_json(403, {"message": "No active subscription"})]
    desk.hear(PRESS, Kind.PRESS)
    desk.env.run()

    (failed,) = [r for r in desk.journal.records if isinstance(r, Failed)]
    assert (failed.status, failed.press, failed.attempts) == (403, "d/1#1", 1)
    assert "No active subscription" in failed.reason


def test_a_press_is_tried_again_while_it_is_fresh() -> None:
    """Two lost answers, then one that counts, with the attempts."""
    desk = Desk()
    gone = TransportError(TransportFailure.RESET)
    desk.aura.answers = [gone, _json(502, {"message": "bad gateway"})]
    desk.hear(PRESS, Kind.PRESS)
    desk.env.run()

    (answered,) = [r for r in desk.journal.records if isinstance(r, Answered)]
    assert answered.attempts == 3
    assert answered.t > 0.0


def test_a_press_is_never_sent_when_it_is_old() -> None:
    """Behind a slow press of the same device, the next one ages, and is dropped with a reason."""
    desk = Desk()
    desk.aura.takes_s = 100.0
    desk.hear(PRESS, Kind.PRESS)
    desk.hear(PRESS, Kind.PRESS)
    desk.env.run()

    (failed,) = [r for r in desk.journal.records if isinstance(r, Failed)]
    assert "past its expiry" in failed.reason
    assert len(desk.aura.events) == 1


def test_unreadable_frames_are_dropped_with_the_reason() -> None:
    """Noise is counted, never guessed at."""
    desk = Desk("milesight-ws101")
    desk.hear_bytes(b"\xff\x2e", Kind.PRESS)
    desk.env.run()

    (received,) = [r for r in desk.journal.records if isinstance(r, Received)]
    assert received.dropped is not None
    assert received.dropped.startswith("not readable")
    assert desk.aura.events == []


def test_repetitions_of_one_event_are_dropped() -> None:
    """Ten advertising packets of one press are one press; the next packet id is another."""
    desk = Desk("shelly-blu-button1")
    press: dict[str, Value] = {"packet_id": 9, "battery_percent": 90, "buttons": ["long"]}
    for _ in range(3):
        desk.hear(press, Kind.PRESS)
    desk.hear({**press, "packet_id": 10}, Kind.PRESS)
    desk.env.run()

    presses = [event for event in desk.aura.events if event["message_type"] == 1]
    dropped = [r.dropped for r in desk.journal.records if isinstance(r, Received)]
    assert len(presses) == 2
    assert dropped == [None, "repetition", "repetition", None]


def test_a_packet_id_may_be_used_again_after_its_time() -> None:
    """The eight bits wrap: after four seconds the same id is a new event."""
    desk = Desk("shelly-blu-button1")
    press: dict[str, Value] = {"packet_id": 9, "battery_percent": 90, "buttons": ["long"]}
    desk.hear(press, Kind.PRESS)
    desk.env.run(until=5.0)
    desk.hear(press, Kind.PRESS)
    desk.env.run()

    assert [event["message_type"] for event in desk.aura.events].count(1) == 2


def test_positions_count_only_while_a_callout_is_open() -> None:
    """A wearable's position is a health report before, an update during the emergency."""
    desk = Desk("eview-ev07b")
    speech = load("eview-ev07b").frames[Kind.MOVE].values
    said: dict[str, Value] = {
        **{key: value for key, value in speech.items() if not str(value).startswith("$")},
        "imei": "862221080000018",
        "time": "2026-06-01T10:00:00Z",
        "battery_percent": 70,
        "motion": True,
        "latitude": -26.5,
        "longitude": 28.5,
        "speed_kmh": 4,
    }
    desk.hear({**said, "sequence_id": 1}, Kind.MOVE)
    desk.env.run()
    desk.device.callout = desk.aura.callout  # type: ignore[assignment]
    desk.hear({**said, "sequence_id": 2}, Kind.MOVE)
    desk.env.run()

    assert [event["message_type"] for event in desk.aura.events] == [4, 2]
    assert desk.aura.events[1]["body"] == {"latitude": -26.5, "longitude": 28.5}


def _reading(kind: Kind, time_s: float, latitude: float) -> Reading:
    values: dict[str, Value] = {
        "latitude": latitude, "longitude": 28.0, "time": iso(EPOCH + time_s),
    }  # fmt: skip
    return Reading((Message(kind, values),), values=values)


def test_an_older_position_that_comes_late_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resend may overtake: the responders would drive back to where the person was."""
    desk = Desk()
    kinds = iter([(Kind.PRESS, 10.0, -1.0), (Kind.MOVE, 40.0, -2.0), (Kind.MOVE, 20.0, -3.0)])
    monkeypatch.setattr(Reader, "read", lambda *_: _reading(*next(kinds)))
    desk.env.run(until=60.0)
    for _ in range(3):
        desk.hear(PRESS)
    desk.env.run()

    told = [event.get("location") or event["body"] for event in desk.aura.events]
    assert [place["latitude"] for place in told if isinstance(place, dict)] == [-1.0, -2.0]
    dropped = [r.dropped for r in desk.journal.records if isinstance(r, Received)]
    assert dropped == [None, None, "older than the position before"]


def test_a_press_that_comes_late_is_told_with_the_newest_position(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And a clock that is ahead does not shut later positions out."""
    desk = Desk()
    kinds = iter([(Kind.PRESS, 9e6, -1.0), (Kind.PRESS, 20.0, -3.0), (Kind.MOVE, 61.0, -4.0)])
    monkeypatch.setattr(Reader, "read", lambda *_: _reading(*next(kinds)))
    desk.env.run(until=60.0)
    desk.hear(PRESS)
    desk.hear(PRESS)
    desk.env.run(until=70.0)
    desk.hear(PRESS)
    desk.env.run()

    told = [event.get("location") or event["body"] for event in desk.aura.events]
    assert [place["latitude"] for place in told if isinstance(place, dict)] == [-1.0, -1.0, -4.0]


def test_the_server_acknowledges_a_frame_at_once() -> None:
    """The reply of the protocol, also to a repetition: it is the ack that was lost."""
    desk = Desk("eview-ev07b")
    frame = codec("eview").encode(
        {
            "flags": 16,
            "sequence_id": 7,
            "message_type": 1,
            "keys": [1],
            "imei": "862221080000018",
        }
    )

    replies = [desk.hear_bytes(frame), desk.hear_bytes(frame)]

    assert replies[0]
    assert replies[0] == replies[1]


def test_what_is_on_its_way_is_named() -> None:
    """A press that AURA has not answered is unfinished at the gateway."""
    desk = Desk()
    desk.aura.takes_s = 50.0
    desk.hear(PRESS, Kind.PRESS)
    desk.env.run(until=10.0)

    assert list(desk.gateway.unfinished()) == [("d/1#1", "d/1", "gateway")]
    assert not desk.gateway.is_quiet


@pytest.mark.parametrize(("millivolts", "percent"), [(4200, 100), (3300, 0), (3750, 50)])
def test_a_voltage_is_reported_in_percent(millivolts: int, percent: int) -> None:
    """Worked out from the range of the profile's battery."""
    from simulator.gateway import device_event

    profile = load("aura-structured")
    event = device_event(profile, "1", Kind.BATTERY, {"battery_mv": millivolts})

    assert event["body"] == {"battery": percent}


def test_template_places_are_the_profiles_to_say() -> None:
    """Another template, other places and numbers."""
    from simulator.gateway import device_event

    profile = load("aura-structured")
    template = msgspec.structs.replace(profile.aura, press=9, press_in="where", device_type_id=77)
    other = msgspec.structs.replace(profile, aura=template)

    assert device_event(other, "x", Kind.PRESS, {"latitude": 1.0, "longitude": 2.0}) == {
        "device_id": "x",
        "device_type_id": 77,
        "message_type": 9,
        "where": {"latitude": 1.0, "longitude": 2.0},
    }

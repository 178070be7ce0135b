"""What the gateway says to devices, and what it makes of frames that come late."""

from simulator.codec import Context, codec
from simulator.frame import Direction, Frame, Kind, Value
from simulator.gateway import Known, Reader, command_bytes, downlink
from simulator.profile import Command, load

EPOCH_S = 1_780_000_000.0


def frame(profile: str, values: dict[str, Value], port: int | None = None) -> Frame:
    """Return a frame that says these values."""
    payload = codec(load(profile).codec).encode(values, Context(port=port))
    return Frame("d/1", 0, Kind.PRESS, payload, 0.0, "p1", port)


def sos_card(time: str, *, events: int = 64) -> Frame:
    """Return a frame of the T1000 card."""
    return frame(
        "sensecap-t1000",
        {
            "frame_id": 6,
            "event_bits": events,
            "motion_segment": 0,
            "time": time,
            "longitude": 28.0,
            "latitude": -26.0,
            "temperature_c": 20.0,
            "light": 1,
            "battery_percent": 80,
        },
        port=5,
    )


def test_a_device_that_goes_on_after_its_callout_is_told_to_stop() -> None:
    """While the callout is open it is not."""
    profile = load("abeeway-compact-tracker")
    on_air = Frame("d/1", 0, Kind.MOVE, b"", 0.0)
    told = downlink(profile, on_air, {"sos": True}, is_over=True)

    assert told is not None
    said = codec(profile.codec).decode(told, Context(direction=Direction.DOWNLINK, port=2))
    assert said["command"] == "stop_sos"
    assert downlink(profile, on_air, {"sos": True}, is_over=False) is None
    assert downlink(profile, on_air, {"sos": False}, is_over=True) is None


def test_a_device_that_asks_is_given_its_settings() -> None:
    """Sens'it: eight bytes, after a frame that asks."""
    profile = load("sensit-v3")
    asks = Frame("d/1", 0, Kind.PRESS, b"", 0.0, asks_reply=True)
    plain = Frame("d/1", 0, Kind.BATTERY, b"", 0.0)

    assert downlink(profile, asks, {}, is_over=False) == command_bytes(profile, Command.CONFIGURE)
    assert downlink(profile, plain, {}, is_over=False) is None


def test_a_kept_frame_of_an_ended_emergency_opens_nothing() -> None:
    """It happened before the callout ended."""
    reader = Reader(load("sensecap-t1000"), EPOCH_S)
    late = sos_card("2026-05-28T20:27:00Z")  # 20 s into the run
    reader.read(50.0, sos_card("2026-05-28T20:27:30Z", events=0))

    reading = reader.read(60.0, late, Known(ended_s=45.0))

    assert (reading.messages, reading.dropped) == ((), "of a callout that is over")


def test_a_kept_frame_of_an_emergency_nobody_heard_of_opens_a_callout() -> None:
    """Late is better than never."""
    reader = Reader(load("sensecap-t1000"), EPOCH_S)
    reading = reader.read(900.0, sos_card("2026-05-28T20:27:00Z"), Known(ended_s=5.0))

    assert Kind.PRESS in [message.kind for message in reading.messages]


def test_after_a_long_silence_a_flag_rises_again() -> None:
    """The card says nothing when its SOS ends: the next SOS is a new one all the same."""
    reader = Reader(load("sensecap-t1000"), EPOCH_S)

    def kinds(now: float, time: str) -> list[Kind]:
        reading = reader.read(now, sos_card(time), Known(is_open=False))
        return [message.kind for message in reading.messages]

    assert Kind.PRESS in kinds(0.0, "2026-05-28T20:26:40Z")
    assert Kind.PRESS not in kinds(60.0, "2026-05-28T20:27:40Z")
    assert Kind.PRESS in kinds(600.0, "2026-05-28T20:36:40Z")


def test_an_encrypted_frame_is_read_with_the_key_of_its_device() -> None:
    """And with no other."""
    profile = load("sia-dc09-panel-aes")
    keys = [profile.identity.key_of(number) for number in (1, 2)]
    values: dict[str, Value] = {
        "token": "*SIA-DCS",
        "sequence": "0001",
        "account": "000001",
        "partition": "1",
        "code": "PA",
        "zone": "015",
        "time": "2026-05-28T20:26:40Z",
    }
    payload = codec("sia_dc09").encode(values, Context(key=keys[0]))
    sent = Frame("d/1", 0, Kind.PRESS, payload, 0.0, "p1")
    readings = [Reader(profile, EPOCH_S).read(1.0, sent, Known(key=key)) for key in keys]

    assert [message.kind for message in readings[0].messages] == [Kind.PRESS]
    assert readings[1].messages == ()

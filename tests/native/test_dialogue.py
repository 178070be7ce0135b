"""What a device makes of the server's bytes, in whatever portions they come."""

import pytest

from simulator.codec import Context, codec
from simulator.frame import Direction, Value
from simulator.native.dialogue import Dialogue, Heard, Verdict

NOW = 1_780_000_000.0
LOGIN = bytes.fromhex("000f333536333037303432343431303133")
PACKET = bytes.fromhex(
    "000000000000003608010000016B40D8EA30010000000000000000000000000000000105021503010101425E0F"
    "01F10000601A014E0000000000000000010000C7CF"
)
SIA = b'\n4DE7003B"ADM-CID"0002L0#1234[#1234|1120 01 015]_10:15:00,03-02-2026\r'
SIA_TIME = 1_772_446_500.0  # the time in SIA
HEARTBEAT = codec("gt06").decode(bytes.fromhex("78780d01012345678901234500018cdd0d0a"))
DOWNLINK = Context(direction=Direction.DOWNLINK)


def sia(token: str, sequence: str = "0002", **more: Value) -> bytes:
    """Return what a receiver answers."""
    said: dict[str, Value] = {"token": token, "sequence": sequence, "line_prefix": "0"}
    return codec("sia_dc09").encode(said | {"account": "1234", "data": ""} | more, DOWNLINK)


def judged(heard: list[Heard]) -> list[tuple[Verdict, int | None]]:
    """Return verdicts and keys."""
    return [(one.verdict, one.key) for one in heard]


def test_the_expected_reply_settles_its_frame() -> None:
    """Once; the same bytes again answer nothing."""
    dialogue = Dialogue(codec("teltonika"))
    assert dialogue.say(1, PACKET, NOW)

    assert judged(dialogue.hear(b"\0\0\0\1")) == [(Verdict.EXPECTED, 1)]
    assert judged(dialogue.hear(b"\0\0\0\1")) == [(Verdict.OTHER, None)]


def test_another_number_of_records_settles_nothing() -> None:
    """The device sends the packet again."""
    dialogue = Dialogue(codec("teltonika"))
    dialogue.say(1, PACKET, NOW)

    assert judged(dialogue.hear(b"\0\0\0\2")) == [(Verdict.OTHER, None)]
    assert judged(dialogue.hear(b"\0\0\0\1")) == [(Verdict.EXPECTED, 1)]


def test_a_refused_login_is_refused() -> None:
    """00 instead of 01."""
    dialogue = Dialogue(codec("teltonika"))
    dialogue.say(-1, LOGIN, NOW)

    assert judged(dialogue.hear(b"\0")) == [(Verdict.REFUSED, -1)]


def test_login_and_packets_are_told_apart_in_one_segment() -> None:
    """Replies without marks between them, cut by what is expected."""
    dialogue = Dialogue(codec("teltonika"))
    dialogue.say(-1, LOGIN, NOW)
    for key in (1, 2):
        dialogue.say(key, PACKET, NOW)
    heard = dialogue.hear(b"\1\0\0\0\1\0\0\0\1")

    assert judged(heard) == [(Verdict.EXPECTED, key) for key in (-1, 1, 2)]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_replies_may_come_in_pieces(size: int) -> None:
    """Byte by byte, or several with a rest."""
    gt06 = codec("gt06")
    frames = [gt06.encode({**HEARTBEAT, "serial_number": n}) for n in range(3)]
    dialogue = Dialogue(gt06)
    for key, frame in enumerate(frames):
        dialogue.say(key, frame, NOW)
    replies = b"".join(gt06.reply(frame) or b"" for frame in frames)
    portions = [replies[at : at + size] for at in range(0, len(replies), size)]
    heard = [one for portion in portions for one in dialogue.hear(portion)]

    assert judged(heard) == [(Verdict.EXPECTED, key) for key in range(len(frames))]


def test_garbage_before_a_reply_is_counted() -> None:
    """Bytes of no protocol are skipped."""
    frame = bytes.fromhex("78780d01012345678901234500018cdd0d0a")
    dialogue = Dialogue(codec("gt06"))
    dialogue.say(5, frame, NOW)
    heard = dialogue.hear(b"noise" + (codec("gt06").reply(frame) or b""))

    assert judged(heard) == [(Verdict.EXPECTED, 5)]
    assert dialogue.discarded == 5


def test_endless_garbage_is_bounded() -> None:
    """What never becomes a reply is thrown away and counted."""
    dialogue = Dialogue(codec("watch3g"))
    for _ in range(40):
        dialogue.hear(b"[" + b"x" * 999)

    assert dialogue.discarded > 20_000


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        (
            "h02",
            b"*HQ,356823030000421,V1,101500,A,2612.0000,S,02803.0000,E,0.00,0,020326,FFFFFBFF#",
        ),
        ("gt06", codec("gt06").encode({"message_type": 0x8A, "serial_number": 3})),
        (
            "eview",
            codec("eview").encode(
                {"sequence_id": 5, "message_type": 3, "time_requested": True, "keys": [18]}
            ),
        ),
    ],
)
def test_a_reply_that_tells_the_time_is_compared_without_it(name: str, frame: bytes) -> None:
    """The server's clock is not the device's; everything else has to be right."""
    server = codec(name)
    dialogue = Dialogue(server)
    assert dialogue.say(3, frame, NOW)
    reply = server.reply(frame, Context(received_s=NOW + 3599.0))
    assert reply is not None

    assert judged(dialogue.hear(reply)) == [(Verdict.EXPECTED, 3)]


def test_a_command_is_no_reply() -> None:
    """It is handed on, and the frame goes on waiting."""
    dialogue = Dialogue(codec("watch3g"))
    frame = b"[3G*0791000042*0002*LK]"
    dialogue.say(1, frame, NOW)
    heard = dialogue.hear(b"[3G*0791000042*0009*UPLOAD,60][3G*0791000042*0002*LK]")

    assert judged(heard) == [(Verdict.OTHER, None), (Verdict.EXPECTED, 1)]
    assert heard[0].payload == b"[3G*0791000042*0009*UPLOAD,60]"


def test_sia_acknowledges_by_sequence() -> None:
    """ACK settles; the answer to another message does not."""
    dialogue = Dialogue(codec("sia_dc09"))
    dialogue.say(2, SIA, SIA_TIME)

    assert judged(dialogue.hear(sia("ACK", "0003"))) == [(Verdict.OTHER, None)]
    assert judged(dialogue.hear(sia("ACK"))) == [(Verdict.EXPECTED, 2)]


def test_sia_duh_is_not_to_be_repeated() -> None:
    """It settles the message of its sequence as not understood."""
    dialogue = Dialogue(codec("sia_dc09"))
    dialogue.say(2, SIA, SIA_TIME)

    assert judged(dialogue.hear(sia("DUH"))) == [(Verdict.NOT_UNDERSTOOD, 2)]


def test_sia_nak_asks_for_the_right_time() -> None:
    """The message can be said again with the receiver's clock, and has a new checksum."""
    panel = codec("sia_dc09")
    dialogue = Dialogue(panel)
    dialogue.say(2, SIA, SIA_TIME)
    nak = panel.reply(SIA, Context(received_s=SIA_TIME + 3600.0))
    assert nak is not None
    (heard,) = dialogue.hear(nak)
    again = dialogue.corrected(SIA, heard.payload)

    assert (heard.verdict, heard.key) == (Verdict.WRONG_TIME, 2)
    assert again is not None
    assert panel.decode(again)["time"] == "2026-03-02T11:15:00Z"
    assert panel.decode(again)["crc_ok"]


def test_a_panel_that_believes_its_clock_still_expects_an_ack() -> None:
    """Also where our own clock would have said no."""
    dialogue = Dialogue(codec("sia_dc09"))
    dialogue.say(2, SIA, SIA_TIME + 86400.0)

    assert judged(dialogue.hear(sia("ACK"))) == [(Verdict.EXPECTED, 2)]


def test_what_is_never_answered_is_not_waited_for() -> None:
    """Protocols without replies, and frames that are broken on purpose."""
    assert not Dialogue(codec("minifinder_v1")).say(1, b"!5,17,V,50;", NOW)
    assert not Dialogue(codec("gt06")).say(1, b"\x78\x78 broken", NOW)


def test_a_lost_connection_forgets_all() -> None:
    """Neither half a reply nor an expectation is carried over."""
    dialogue = Dialogue(codec("teltonika"))
    dialogue.say(1, PACKET, NOW)
    dialogue.hear(b"\0\0")
    dialogue.hang_up()
    dialogue.say(-1, LOGIN, NOW)

    assert judged(dialogue.hear(b"\1")) == [(Verdict.EXPECTED, -1)]


def test_a_datagram_is_one_message() -> None:
    """It is judged whole."""
    dialogue = Dialogue(codec("eview"))
    frame = codec("eview").encode(
        {"sequence_id": 9, "message_type": 1, "keys": [1], "imei": "1" * 15}
    )
    reply = codec("eview").reply(frame)
    dialogue.say(9, frame, NOW)
    assert reply is not None

    assert judged(dialogue.hear_datagram(reply)) == [(Verdict.EXPECTED, 9)]
    assert judged(dialogue.hear_datagram(b"what?")) == [(Verdict.OTHER, None)]

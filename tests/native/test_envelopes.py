"""Envelopes: written and read back, and read as published callbacks are."""

import base64
import json
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from simulator.clock import epoch_s
from simulator.codec import codec
from simulator.errors import InputError
from simulator.link import CoarsePosition
from simulator.native import ENVELOPES, EnvelopeError, Posted, Uplink, envelope
from simulator.native.envelopes import TOPICS
from simulator.native.sigfox import SPELLINGS, read_answer, write_answer

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "sigfox_callback.jsonl"
PLACE = CoarsePosition(-26.10412, 28.05301, 1500.0)
SIGFOX = [*SPELLINGS, *(f"{name}+strings" for name in SPELLINGS)]


def uplink(**changes: object) -> Uplink:
    """Return a message with everything said."""
    said: dict[str, object] = {
        "address": "0000002A",
        "payload": bytes.fromhex("0132"),
        "sequence": 7,
        "received_s": 1_780_000_000.0,
        "position": PLACE,
    }
    return Uplink(**{**said, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SIGFOX)
@pytest.mark.parametrize("position", [None, PLACE])
@pytest.mark.parametrize("asks_reply", [False, True])
def test_a_sigfox_callback_is_read_as_it_was_written(
    name: str, position: CoarsePosition | None, asks_reply: bool
) -> None:
    """Device, time, payload, sequence, coarse position and the wish for a downlink survive."""
    sent = uplink(position=position, asks_reply=asks_reply)

    assert envelope(name).read(envelope(name).write(sent)) == sent


@pytest.mark.parametrize("name", SIGFOX)
def test_any_spelling_is_read_by_any_other(name: str) -> None:
    """Middleware does not know which template a customer wrote."""
    sent = uplink()

    assert envelope("sigfox").read(envelope(name).write(sent)) == sent


def test_numbers_are_texts_on_request() -> None:
    """Because the template of a customer quotes its variables."""
    plain = json.loads(envelope("sigfox").write(uplink()).body)
    texts = json.loads(envelope("sigfox+strings").write(uplink()).body)

    assert (plain["time"], plain["seqNumber"]) == (1_780_000_000, 7)
    assert (texts["time"], texts["seqNumber"]) == ("1780000000", "7")
    assert texts["computedLocation"]["lat"] == str(PLACE.latitude)


def test_a_callback_can_be_a_query() -> None:
    """GET has no body."""
    posted = envelope("sigfox-get").write(uplink(position=None))

    assert (posted.method, posted.body) == ("GET", b"")
    assert posted.query == "device=0000002A&time=1780000000&data=0132&seqNumber=7"


def test_one_sender_posts_its_json_as_the_key_of_a_form() -> None:
    """Percent-encoded, with an equals sign behind it."""
    posted = envelope("sigfox-form").write(uplink(position=None))

    assert posted.content_type == "application/x-www-form-urlencoded"
    assert posted.body.startswith(b"%7B")
    assert json.loads(unquote_plus(posted.body.decode()).rstrip("="))["device"] == "0000002A"


def test_the_sequence_of_sigfox_wraps_at_twelve_bits() -> None:
    """As the counter of the radio does."""
    assert json.loads(envelope("sigfox").write(uplink(sequence=4097)).body)["seqNumber"] == 1


@pytest.mark.parametrize("name", [name for name in SPELLINGS if name != "sigfox-get"])
def test_the_published_codec_reads_what_we_write(name: str) -> None:
    """The same callback means the same to the codec of the catalogue."""
    values = codec("sigfox_callback").decode(
        envelope(name).write(uplink(position=None, payload=b"\x00" * 3)).body
    )

    assert (values["device_id"], values["sequence"]) == ("0000002A", 7)
    assert values["payload_hex"] == "000000"


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not at hand")
def test_published_callbacks_are_read() -> None:
    """Those with a payload; a bare location callback is none of a device."""
    for line in VECTORS.read_text().splitlines():
        vector = json.loads(line)
        expected, posted = vector["expected"], Posted(vector["frame_text"].encode())
        if "payload_hex" not in expected:
            with pytest.raises(EnvelopeError, match="no payload"):
                envelope("sigfox").read(posted)
            continue
        read = envelope("sigfox").read(posted)
        assert read.address == expected["device_id"]
        assert read.payload.hex() == expected["payload_hex"]
        assert read.sequence == expected.get("sequence", 0) or "sequence" not in expected
        if "time" in expected:
            assert read.received_s == epoch_s(expected["time"])


def test_the_base_station_is_not_the_device() -> None:
    """Whole degrees of an old callback are no position of anybody."""
    body = b'{"device":"33827B","data":"0132","time":1,"lat":"52.0","lng":"-8.0","rssi":"-141.00"}'
    read = envelope("sigfox").read(Posted(body))

    assert read.position is None
    assert read.rssi_dbm == -141.0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"device":"A"}',
        b'{"device":"A","data":"xyz"}',
        b"%7B",
        b"\xff",
    ],
)
@pytest.mark.parametrize("name", ["sigfox", "tts", "chirpstack"])
def test_what_is_no_message_is_refused(name: str, body: bytes) -> None:
    """With the documented error and nothing else."""
    with pytest.raises(EnvelopeError):
        envelope(name).read(Posted(body))


def test_a_downlink_travels_in_the_answer() -> None:
    """Eight bytes in hex under the device; no body without one."""
    body = write_answer("0000002A", bytes.fromhex("0101000000000000"))

    assert json.loads(body) == {"0000002A": {"downlinkData": "0101000000000000"}}
    assert read_answer(body) == bytes.fromhex("0101000000000000")
    assert write_answer("0000002A", None) == b""
    assert read_answer(b"<html>thanks</html>") is None


@pytest.mark.parametrize("name", TOPICS)
def test_a_lorawan_uplink_is_read_as_it_was_written(name: str) -> None:
    """DevEUI, payload, port, counter, time, reception; the stack leaves a counter of 0 out."""
    for sequence in (0, 41):
        sent = uplink(
            address="a84041000000002a",
            port=85,
            sequence=sequence,
            model="dragino-trackerd",
            position=None,
            received_s=1_780_000_000.25,
            rssi_dbm=-97.0,
        )
        assert envelope(name).read(envelope(name).write(sent)) == sent


def test_the_things_stack_carries_base64_and_a_location() -> None:
    """Under the names of version 3."""
    sent = uplink(address="a84041000000002a", port=2)
    body = json.loads(envelope("tts").write(sent).body)

    assert body["end_device_ids"]["dev_eui"] == "A84041000000002A"
    assert base64.b64decode(body["uplink_message"]["frm_payload"]) == sent.payload
    assert envelope("tts").read(Posted(json.dumps(body).encode())).position == PLACE


def test_chirpstack_carries_base64_and_names_the_event() -> None:
    """Under the names of version 4."""
    posted = envelope("chirpstack").write(uplink(address="A84041000000002A", port=2))
    body = json.loads(posted.body)

    assert posted.query == "event=up"
    assert body["deviceInfo"]["devEui"] == "a84041000000002a"
    assert base64.b64decode(body["data"]) == bytes.fromhex("0132")
    with pytest.raises(EnvelopeError, match="event=join"):
        envelope("chirpstack").read(Posted(posted.body, query="event=join"))


def test_a_real_stack_sends_more_than_we_read() -> None:
    """Unknown members and nanoseconds are no obstacle."""
    body = b"""{"end_device_ids":{"device_id":"btn","dev_eui":"70B3D57ED0000001","join_eui":"00"},
      "correlation_ids":["as:up:01"],"received_at":"2026-02-03T10:15:00.123456789Z",
      "uplink_message":{"f_port":85,"frm_payload":"AXVk","settings":{"data_rate":{"lora":{}}},
      "rx_metadata":[{"gateway_ids":{"gateway_id":"g"},"rssi":-42,"channel_rssi":-42,"snr":9.2}],
      "consumed_airtime":"0.056576s"}}"""
    read = envelope("tts").read(Posted(body))

    assert (read.address, read.port, read.sequence) == ("70b3d57ed0000001", 85, 0)
    assert read.payload == bytes.fromhex("017564")
    assert read.rssi_dbm == -42


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("tts", "v3/aurasim@ttn/devices/eui-a84041000000002a/up"),
        (
            "chirpstack",
            "application/00000000-0000-0000-0000-000000000000/device/a84041000000002a/event/up",
        ),
    ],
)
def test_uplinks_have_the_topics_of_their_servers(name: str, topic: str) -> None:
    """As an MQTT client subscribes to them."""
    assert TOPICS[name].topic(uplink(address="A84041000000002A")) == topic


def test_an_unknown_envelope_is_refused_with_those_that_are_known() -> None:
    """The message lists them."""
    with pytest.raises(InputError, match="chirpstack"):
        envelope("sgifox")
    assert all(envelope(name) for name in ENVELOPES)

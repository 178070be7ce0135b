"""The five links: air time, duty cycle, quota, loss, delay, repetition and replies."""

import statistics

import msgspec
import pytest

from simulator.device import Position
from simulator.frame import Frame, Kind
from simulator.link import Ble, Cellular, Direct, Link, Lorawan, Passage, Sigfox, link_of
from simulator.link.lorawan import on_air_s as lorawan_air_s
from simulator.link.sigfox import on_air_s as sigfox_air_s
from simulator.profile import (
    BleLink,
    CellularLink,
    DirectLink,
    LorawanLink,
    SigfoxLink,
    load,
    profile_names,
)
from simulator.rng import Rng, Stream

HERE = Position(-26.2, 28.0)


def air() -> Stream:
    """Return a stream of chance."""
    return Rng(11).stream(1, "air")


def frame(payload: bytes = b"\x01\x30") -> Frame:
    """Return a press."""
    return Frame("d/1", 1, Kind.PRESS, payload, 0.0, "p1")


def sent(link: Link, times: int, every_s: float = 1000.0) -> list[Passage]:
    """Send so many frames, far apart."""
    return [link.send(every_s * number, frame(), HERE) for number in range(times)]


def share_lost(passages: list[Passage]) -> float:
    """Return the share of frames of which no copy arrives."""
    return statistics.mean(bool(passage.lost) for passage in passages)


@pytest.mark.parametrize(
    ("payload", "factor", "expected_ms"),
    [(12, 7, 61.7), (12, 9, 205.8), (12, 12, 1482.8), (51, 10, 698.4), (0, 7, 46.3)],
)
def test_lorawan_air_time_is_that_of_the_formula(
    payload: int, factor: int, expected_ms: float
) -> None:
    """Values of the public air time calculators, 125 kHz, CR 4/5."""
    assert lorawan_air_s(payload, factor) * 1000 == pytest.approx(expected_ms, abs=0.1)


def test_sigfox_air_time_of_a_full_message() -> None:
    """12 bytes at 100 bit/s are 2.08 s."""
    assert sigfox_air_s(12) == pytest.approx(2.08)


def test_lorawan_keeps_silent_for_ninety_nine_times_its_air_time() -> None:
    """A second frame waits until the duty cycle allows it."""
    link = Lorawan(LorawanLink(loss=0.0, delay_s=(0.0, 0.0), duty_cycle=0.01), air())
    first = link.send(0.0, frame(), HERE)
    second = link.send(1.0, frame(), HERE)

    assert first.waits_s == 0.0
    assert second.waits_s == pytest.approx(100 * first.air_s - 1.0)
    assert second.arrivals_s[0] == pytest.approx(1.0 + second.waits_s + second.air_s)


def test_lorawan_repeats_a_lost_uplink_and_arrives_later() -> None:
    """Three transmissions lose less than one, and cost air time."""
    once = LorawanLink(loss=0.4, delay_s=(0.1, 0.1))
    thrice = msgspec.structs.replace(once, transmissions=3)
    single, triple = sent(Lorawan(once, air()), 2000), sent(Lorawan(thrice, air()), 2000)

    assert share_lost(single) == pytest.approx(0.4, abs=0.04)
    assert share_lost(triple) == pytest.approx(0.4**3, abs=0.02)
    assert max(p.air_s for p in triple) == pytest.approx(3 * single[0].air_s)


def test_lorawan_refuses_a_payload_too_long_for_its_data_rate() -> None:
    """51 bytes at SF10 and slower."""
    link = Lorawan(LorawanLink(loss=0.0, delay_s=(0, 0), spreading_factor=10), air())

    assert link.send(0.0, frame(bytes(52)), HERE).lost == "payload of 52 bytes is too long for SF10"
    assert link.send(0.0, frame(bytes(51)), HERE).arrivals_s


def test_sigfox_is_lost_only_when_all_three_transmissions_are() -> None:
    """A loss of 0.3 each becomes 0.027, and the message arrives once."""
    link = Sigfox(SigfoxLink(loss=0.3, delay_s=(1.0, 2.0)), air())
    passages = sent(link, 3000, every_s=700.0)

    assert share_lost(passages) == pytest.approx(0.027, abs=0.01)
    assert {len(p.arrivals_s) for p in passages} == {0, 1}


def test_sigfox_first_heard_transmission_decides_the_time() -> None:
    """Without loss it is the first: one time on air, then the backend."""
    link = Sigfox(SigfoxLink(loss=0.0, delay_s=(1.0, 1.0)), air())

    (arrival,) = link.send(50.0, frame(), HERE).arrivals_s

    assert arrival == pytest.approx(50.0 + sigfox_air_s(2) + 1.0)


def test_sigfox_stops_at_the_quota_of_the_day_and_starts_again_the_next() -> None:
    """Message 141 is not sent; the next day's first is."""
    link = Sigfox(SigfoxLink(loss=0.0, delay_s=(0, 0), daily_quota=140), air())
    today = [link.send(600.0 * n, frame(), HERE).lost for n in range(144)]

    assert today == [None] * 140 + ["daily quota"] * 4
    assert link.send(86_400.0, frame(), HERE).lost is None


def asking() -> Frame:
    """Return an uplink that asks for a downlink."""
    return Frame("d/1", 1, Kind.OTHER, b"\x01\x81", 0.0, asks_reply=True)


def test_sigfox_answers_only_a_question_and_twenty_seconds_later() -> None:
    """The receiver opens 20 s after the first repetition, once."""
    link = Sigfox(SigfoxLink(loss=0.0, delay_s=(1.0, 1.0)), air())
    link.send(0.0, frame(), HERE)
    assert link.reply(3.0) is None

    link.send(1000.0, asking(), HERE)

    assert link.reply(1004.0) == pytest.approx(1000.0 + sigfox_air_s(2) + 20.0)
    assert link.reply(1004.0) is None


def test_sigfox_listens_no_longer_than_its_window() -> None:
    """An answer after 45 s comes too late."""
    link = Sigfox(SigfoxLink(loss=0.0, delay_s=(1.0, 1.0)), air())
    link.send(0.0, asking(), HERE)

    assert link.reply(50.0) is None


def test_sigfox_hears_four_downlinks_a_day() -> None:
    """The fifth is not sent; the next day's first is."""
    link = Sigfox(SigfoxLink(loss=0.0, delay_s=(0.0, 0.0)), air())
    heard = []
    for number in range(6):
        link.send(3600.0 * number, asking(), HERE)
        heard.append(link.reply(3600.0 * number + 3.0) is not None)
    link.send(86_400.0, asking(), HERE)

    assert heard == [True] * 4 + [False] * 2
    assert link.reply(86_403.0) is not None


def test_class_a_listens_one_and_two_seconds_after_its_uplink() -> None:
    """What is ready later waits for the next uplink."""
    link = Lorawan(LorawanLink(loss=0.0, delay_s=(0.1, 0.1)), air())
    ends = link.send(0.0, frame(), HERE).air_s

    assert link.reply(ends + 0.1) == pytest.approx(ends + 1.0)
    assert link.reply(ends + 1.5) == pytest.approx(ends + 2.0)
    assert link.reply(ends + 2.5) is None


def test_a_confirmed_uplink_is_repeated_until_it_is_acknowledged() -> None:
    """A lost acknowledgement costs another transmission, and the frame still arrives once."""
    sure = LorawanLink(loss=0.0, delay_s=(0.1, 0.1), confirmed=True, transmissions=4)
    deaf = msgspec.structs.replace(sure, reply_loss=1.0)
    once, often = Lorawan(sure, air()), Lorawan(deaf, air())
    first, last = once.send(0.0, frame(), HERE), often.send(0.0, frame(), HERE)

    assert last.air_s == pytest.approx(4 * first.air_s)
    assert len(last.arrivals_s) == 1
    assert once.reply(first.arrivals_s[0]) is not None
    assert often.reply(last.arrivals_s[0]) is None


def test_an_unconfirmed_uplink_is_sent_as_often_as_it_is_set_to() -> None:
    """NbTrans: nobody tells the device that the first one arrived."""
    link = Lorawan(LorawanLink(loss=0.0, delay_s=(0.1, 0.1), transmissions=3), air())

    passage = link.send(0.0, frame(), HERE)

    assert passage.air_s == pytest.approx(3 * lorawan_air_s(2, 9))
    assert len(passage.arrivals_s) == 1


def test_sigfox_network_knows_roughly_where_a_device_is() -> None:
    """The coarse position is off, and says how far it may be."""
    link = Sigfox(SigfoxLink(loss=0.0, delay_s=(0, 0), geolocation_error_m=1500), air())
    found = [link.send(0.0, frame(), HERE).position for _ in range(100)]

    assert {position.radius_m for position in found if position} == {1500}
    assert 0.001 < statistics.stdev(p.latitude for p in found if p) < 0.02


def test_ble_lets_every_heard_packet_through() -> None:
    """Duplicates are the gateway's to drop."""
    link = Ble(BleLink(loss=0.5, delay_s=(0.0, 0.01), packets=10, interval_s=0.1), air())
    copies = [len(passage.arrivals_s) for passage in sent(link, 500)]

    assert statistics.mean(copies) == pytest.approx(5.0, abs=0.4)
    assert max(copies) > 7


def test_ble_is_lost_when_no_packet_is_heard() -> None:
    """Behind a wall."""
    link = Ble(BleLink(loss=1.0, delay_s=(0, 0)), air())

    assert link.send(0.0, frame(), HERE).lost == "air"


def test_cellular_loses_frames_and_replies_apart() -> None:
    """A frame may arrive whose reply does not: the device sends it again."""
    link = Cellular(CellularLink(loss=0.1, reply_loss=0.3, delay_s=(0.2, 0.4)), air())
    replies = [link.reply(10.0) for _ in range(2000)]

    assert share_lost(sent(link, 2000)) == pytest.approx(0.1, abs=0.03)
    assert statistics.mean(reply is None for reply in replies) == pytest.approx(0.3, abs=0.04)
    assert all(10.2 <= reply <= 10.4 for reply in replies if reply)


def test_no_reply_reaches_a_device_that_does_not_listen() -> None:
    """BLE advertisers never do; Sigfox and LoRaWAN only after an uplink."""
    lossless = {"loss": 0.0, "delay_s": (0.0, 0.0)}
    links: list[Link] = [
        Sigfox(SigfoxLink(**lossless), air()),  # type: ignore[arg-type]
        Lorawan(LorawanLink(**lossless), air()),  # type: ignore[arg-type]
        Ble(BleLink(**lossless), air()),  # type: ignore[arg-type]
    ]

    assert [link.reply(0.0) for link in links] == [None] * 3


def test_an_answer_reaches_a_direct_device_the_way_it_spoke() -> None:
    """Late and seldom lost, as what it says."""
    link = Direct(DirectLink(loss=0.1, delay_s=(0.2, 0.4)), air())
    replies = [link.reply(10.0) for _ in range(2000)]

    assert statistics.mean(reply is None for reply in replies) == pytest.approx(0.1, abs=0.03)
    assert all(10.2 <= reply <= 10.4 for reply in replies if reply)


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_has_its_radio_and_no_frame_arrives_before_it_is_sent(name: str) -> None:
    """Arrivals are in order and never in the past."""
    link = link_of(load(name), 5, Rng(3))
    for passage in sent(link, 50, every_s=2000.0):
        assert bool(passage.arrivals_s) != bool(passage.lost)
        assert list(passage.arrivals_s) == sorted(passage.arrivals_s)
    assert all(at >= 4000.0 for at in link.send(4000.0, frame(), HERE).arrivals_s)

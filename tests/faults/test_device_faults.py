"""What faults of devices do to a fleet, and that the journal tells of each of them."""

from itertools import pairwise

import pytest

from simulator.codec import Context
from simulator.device import People
from simulator.frame import Value
from simulator.journal import EventSent, FaultPlanned, FrameSent, Pressed, Received, Record, Silent
from simulator.profile import codec_of, load
from simulator.report import Outcome, ledger_of
from tests.faults.fleet import fault, frames, ran, strikes

NOBODY = People(presses=0.0)


def read(frame: FrameSent) -> dict[str, Value]:
    """Return what a frame says."""
    profile = load(frame.device.partition("/")[0])
    return codec_of(profile).decode(bytes.fromhex(frame.hex), Context(port=frame.port))


def pressed(records: list[Record]) -> list[Pressed]:
    """Return the presses."""
    return [record for record in records if isinstance(record, Pressed)]


def test_a_stuck_button_presses_by_itself() -> None:
    """Every 30 seconds for ten minutes, accounted for under names of its own."""
    stuck = fault("stuck-button", devices=["milesight-ws101/1"], from_="1h", to="1h10m")
    records = ran(stuck, people=NOBODY)
    presses = pressed(records)
    account = ledger_of(records)

    assert len(presses) == 20
    assert {press.device for press in presses} == {"milesight-ws101/1"}
    assert {press.cause for press in presses} == {"stuck-button"}
    assert {round(b.t - a.t) for a, b in pairwise(presses)} == {30}
    assert 3600.0 <= presses[0].t <= presses[-1].t < 4200.0
    assert account.totals[Outcome.UNEXPLAINED] == account.totals[Outcome.DOUBLED] == 0
    assert all("with stuck-button" in entry.detail for entry in account.entries)
    assert account.counts.faults == {"stuck-button": 20}


def test_a_stuck_button_presses_in_every_repetition() -> None:
    """Ten minutes of every hour."""
    stuck = fault("stuck-button", devices=["milesight-ws101/1"], to="2m", repeat="1h", every="1m")
    minutes = [round(press.t / 60) for press in pressed(ran(stuck, people=NOBODY))]

    assert minutes == [1, 60, 61]


def test_a_press_that_bounces_is_seen_more_than_once() -> None:
    """The button says one press several times; it stays one press of the ledger."""
    records = ran(fault("bounce", times=2), mix={"milesight-ws101": 3})
    said = [frame for frame in frames(records) if frame.kind == "press"]
    account = ledger_of(records)

    assert len(said) == 3 * len(pressed(records)) > 0
    assert len(account.entries) == len(pressed(records))
    assert account.totals[Outcome.UNEXPLAINED] == 0


def test_a_bounce_ends_the_emergency_of_a_toggling_button() -> None:
    """What a person would not understand, the ledger says."""
    names = ("abeeway-smart-badge", "truvami-tag-s", "swisscom-multisense")
    name = next(n for n in names if load(n).behaviour.sos_toggle)
    records = ran(fault("bounce"), mix={name: 3})

    assert any(
        "ended the emergency" in record.reason for record in records if isinstance(record, Silent)
    )


@pytest.mark.parametrize("skew_s", [-600.0, 7200.0])
def test_a_wrong_clock_shows_in_every_time_that_is_told(skew_s: float) -> None:
    """Frames are sent when they would be; they say another time."""
    mix = {"eview-ev07b": 1}
    sound, skewed = ran(mix=mix), ran(fault("clock", skew_s=skew_s), mix=mix)
    true = [(f.t, read(f)["time"]) for f in frames(sound) if "time" in read(f)]
    told = [(f.t, read(f)["time"]) for f in frames(skewed) if "time" in read(f)]

    from simulator.clock import epoch_s

    assert [t for t, _ in true] == [t for t, _ in told]
    off = {
        round(epoch_s(str(b)) - epoch_s(str(a))) for (_, a), (_, b) in zip(true, told, strict=True)
    }
    assert off == {round(skew_s)}


def test_a_clock_drifts() -> None:
    """A thousand parts in a million are 3.6 s an hour."""
    made = fault("clock", drift_ppm=1000.0, from_="1h")

    assert [made.error_s(t) for t in (0.0, 3600.0, 7200.0)] == [0.0, 0.0, pytest.approx(3.6)]  # type: ignore[union-attr]


def test_a_reboot_loop_forgets_and_begins_anew() -> None:
    """Logins again and again, and numbers from 0."""
    loop = fault("reboot-loop", from_="1h", to="1h30m", every="5m")
    records = ran(loop, mix={"gt06": 1}, people=NOBODY)
    logins = [frame for frame in frames(records) if frame.kind == "login"]
    account = ledger_of(records)

    assert len(logins) >= 5
    assert {frame.seq for frame in logins if frame.attempt == 1} <= {0}
    assert [strike.what for strike in strikes(records)].count("the device restarts") == 6
    assert not account.breaches


def test_what_a_restart_forgets_is_silenced() -> None:
    """A press that the device had not said yet."""
    people = People(presses=200.0, cancel_share=0.0, impatient_share=0.0)
    records = ran(fault("reboot-loop", every="60s"), mix={"eview-ev07b": 1}, people=people)
    reasons = {record.reason for record in records if isinstance(record, Silent)}

    assert "the device restarted" in reasons
    assert ledger_of(records).totals[Outcome.UNEXPLAINED] == 0


def test_a_duplicating_firmware_sends_a_frame_twice() -> None:
    """The same number and the same bytes, a little later."""
    records = ran(fault("duplicate"), mix={"milesight-ws101": 2})
    by_number: dict[tuple[str, int], list[FrameSent]] = {}
    for frame in frames(records):
        by_number.setdefault((frame.device, frame.seq), []).append(frame)

    assert by_number
    assert all(len(sent) == 2 for sent in by_number.values())
    assert all(len({frame.hex for frame in sent}) == 1 for sent in by_number.values())
    assert not ledger_of(records).breaches


def test_a_firmware_that_reorders_lets_later_frames_overtake() -> None:
    """And loses none of them."""
    people = People(presses=100.0, cancel_share=0.0)
    disorder = fault("reorder", strength=0.5, within_s=300.0)
    records = ran(disorder, mix={"milesight-ws101": 2}, people=people)
    numbers = [frame.seq for frame in frames(records, "milesight-ws101/1")]
    plain = ran(mix={"milesight-ws101": 2}, people=people)

    assert numbers != sorted(numbers)
    assert sorted(numbers) == [frame.seq for frame in frames(plain, "milesight-ws101/1")]
    assert not ledger_of(records).breaches


@pytest.mark.parametrize(("keys", "told"), [({"percent": 3}, {3}), ({"off_by": 100}, {100})])
def test_a_wrong_gauge_tells_a_wrong_level(keys: dict[str, object], told: set[int]) -> None:
    """The journal keeps the true one."""
    records = ran(fault("wrong-battery", **keys), mix={"milesight-ws101": 2})
    said = {read(frame)["battery_percent"] for frame in frames(records)}

    assert said == told
    assert not told & {frame.battery for frame in frames(records)}


def test_a_firmware_that_miscounts_has_its_events_dropped() -> None:
    """Each event seems to be the one before it: found by the gateway's guard against repetition."""
    people = People(presses=4.0, cancel_share=0.0)
    records = ran(fault("miscount"), mix={"eview-ev07b": 1}, people=people)
    account = ledger_of(records)
    dropped = [r for r in records if isinstance(r, Received) and r.dropped == "repetition"]

    assert dropped
    assert account.totals[Outcome.LOST] > 0
    assert account.totals[Outcome.UNEXPLAINED] == 0


def test_without_a_fix_the_last_one_is_told() -> None:
    """And nowhere, as long as there was none."""
    people = People(presses=20.0, cancel_share=0.0)
    never = ran(fault("no-fix"), mix={"eview-ev07b": 1}, people=people)
    frozen = ran(fault("frozen-fix", from_="1h"), mix={"eview-ev07b": 1}, people=people)

    def places(records: list[Record], after_s: float) -> set[tuple[Value, Value]]:
        said = [read(frame) for frame in frames(records) if frame.t > after_s]
        return {(v["latitude"], v["longitude"]) for v in said if "latitude" in v}

    assert places(never, 0.0) == {(0.0, 0.0)}
    assert len(places(frozen, 3600.0)) == 1 < len(places(frozen, 0.0))


def test_a_fix_may_be_far_away() -> None:
    """And AURA is told so: nothing on the way can know better."""
    people = People(presses=20.0, cancel_share=0.0)
    records = ran(fault("teleport", strength=1.0), mix={"eview-ev07b": 1}, people=people)
    located = [r for r in records if isinstance(r, Received) and r.latitude is not None]

    assert located
    assert all(
        abs((r.latitude or 0) + 26.2) + abs((r.longitude or 0) - 28.05) > 0.2 for r in located
    )
    assert not ledger_of(records).breaches


def test_a_share_of_the_fleet_is_concerned() -> None:
    """Drawn by the seed, independent of how many there are."""

    def struck(count: int) -> set[str]:
        half = fault("wrong-battery", percent=1, share=0.5)
        records = ran(half, mix={"milesight-ws101": count}, for_s=86400.0, people=NOBODY)
        return {strike.device for strike in strikes(records)}

    few, many = struck(10), struck(40)

    assert 8 < len(many) < 32
    assert few == {name for name in many if int(name.partition("/")[2]) <= 10}


def test_a_fault_does_not_change_who_it_does_not_concern() -> None:
    """The other devices say byte for byte what they would have said."""
    faults = [fault(kind, devices=["eview-ev07b/1"]) for kind in ("duplicate", "reboot-loop")]
    with_faults, without = ran(*faults), ran()

    def others(records: list[Record]) -> list[tuple[float, str, str]]:
        return [(f.t, f.device, f.hex) for f in frames(records) if f.device != "eview-ev07b/1"]

    assert others(with_faults) == others(without)


def test_every_fault_of_the_run_stands_in_the_journal() -> None:
    """With all that the run file says of it."""
    records = ran(fault("loss", name="storm", strength=0.25, from_="1h"))
    (planned,) = [record for record in records if isinstance(record, FaultPlanned)]

    assert (planned.fault, planned.kind, planned.by) == ("storm", "loss", "run file")
    assert planned.table["strength"] == 0.25
    assert planned.table["from"] == 3600.0


def test_faults_repeat_themselves() -> None:
    """The same seed, the same journal."""
    faults = [
        fault(kind) for kind in ("bounce", "duplicate", "reorder", "teleport", "link-reorder")
    ]

    assert ran(*faults) == ran(*faults) != ran(*faults, seed=2)


def test_the_messages_of_a_fault_reach_aura() -> None:
    """A stuck button is heard by responders."""
    stuck = fault("stuck-button", devices=["milesight-ws101/1"], to="2m")
    records = ran(stuck, people=NOBODY)

    assert any(isinstance(r, EventSent) and r.kind == "press" for r in records)

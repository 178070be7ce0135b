"""What faults of links do to frames and replies, and what the ledger says of it."""

import pytest

from simulator.device import People
from simulator.device.motion import Place
from simulator.faults import AnyFault, FaultError, FaultPlan, NoSuchFaultError
from simulator.journal import MemoryJournal, OnAir, Received, Record, Replied
from simulator.report import Outcome, ledger_of
from simulator.rng import Rng
from tests.faults.fleet import fault, frames, ran, strikes

NOBODY = People(presses=0.0)
PLACE = Place(-26.2, 28.0, 500.0)


def air(records: list[Record]) -> list[OnAir]:
    """Return what became of the frames."""
    return [record for record in records if isinstance(record, OnAir)]


def test_a_share_of_all_frames_is_lost() -> None:
    """About as many as were asked for, each with the name of the fault."""
    records = ran(fault("loss", name="festival", strength=0.4), for_s=86400.0)
    lost = [record for record in air(records) if record.lost == "loss (festival)"]

    assert 0.3 < len(lost) / len(air(records)) < 0.5


def test_a_press_that_a_fault_lost_says_so() -> None:
    """Where, and by which fault."""
    records = ran(fault("gateway-down"), mix={"milesight-ws101": 3})
    account = ledger_of(records)

    assert account.totals[Outcome.LOST] == len(account.entries) > 0
    assert {entry.detail for entry in account.entries} == {"gateway down (gateway-down)"}


def test_replies_are_lost_too() -> None:
    """A device that waits for them sends again."""
    records = ran(fault("loss", strength=0.5), mix={"gt06": 2})
    replies = [record for record in records if isinstance(record, Replied)]

    assert 0.3 < sum(reply.lost for reply in replies) / len(replies) < 0.7
    assert any(frame.attempt > 1 for frame in frames(records))


def test_frames_are_late() -> None:
    """By what the fault draws, on top of what the network takes."""
    late = fault("delay", delay_s=[100.0, 101.0])
    mix = {"milesight-ws101": 2}
    sent = {(f.device, f.seq): f.t for f in frames(ran(late, mix=mix))}
    heard = [r for r in ran(late, mix=mix) if isinstance(r, Received)]

    assert heard
    assert all(100.0 < r.t - sent[r.device, r.seq] < 105.0 for r in heard)


def test_a_frame_arrives_more_than_once() -> None:
    """Three times; AURA opens one callout all the same."""
    records = ran(fault("link-duplicate", times=2), mix={"milesight-ws101": 3})
    copies = {record.copies for record in air(records) if not record.lost}

    assert copies == {3}
    assert ledger_of(records).totals[Outcome.DOUBLED] == 0


def test_frames_overtake_each_other_on_the_way() -> None:
    """They arrive in another order than they were sent in."""
    people = People(presses=300.0, cancel_share=0.0)
    held = fault("link-reorder", strength=0.5, within_s=600.0)
    records = ran(held, mix={"milesight-ws101": 1}, people=people)
    heard = [record.seq for record in records if isinstance(record, Received)]

    assert heard != sorted(heard)


def test_a_network_that_returns_forwards_what_it_kept() -> None:
    """In a burst, in the order of sending, and nothing while it was down.

    What is sent once the network is back may overtake it.
    """
    down = fault("gateway-down", keeps=True, from_="30m", to="1h", burst_s=20.0)
    people = People(presses=60.0, cancel_share=0.0)
    records = ran(down, mix={"milesight-ws101": 4}, people=people)
    heard = [record for record in records if isinstance(record, Received)]
    kept = {(f.device, f.seq) for f in frames(records) if 1810.0 < f.t < 3600.0}
    burst = [record for record in heard if (record.device, record.seq) in kept]

    assert not [record for record in heard if 1810.0 < record.t < 3600.0]
    assert len(burst) > 20
    assert all(3600.0 <= record.t < 3700.0 for record in burst)
    for device in {record.device for record in burst}:
        numbers = [record.seq for record in burst if record.device == device]
        assert numbers == sorted(numbers)


def test_out_of_coverage_a_device_that_stores_sends_it_all_afterwards() -> None:
    """Nothing is lost that the firmware keeps, and it comes at once when the network is back."""
    hole = fault("no-coverage", from_="20m", to="1h20m")
    records = ran(hole, mix={"eview-ev07b": 4}, people=People(presses=4.0, cancel_share=0.0))
    account = ledger_of(records)
    late = [entry for entry in account.entries if 1200.0 < entry.at_s < 4800.0]

    assert late
    assert all(entry.callout is not None for entry in late)
    assert {entry.outcome for entry in late} <= {Outcome.RETRIED, Outcome.MERGED}


def test_a_half_open_connection_is_found_out_by_connecting_anew() -> None:
    """The device talks to nobody until its tries are used up; then it logs in, and is heard."""
    dead = fault("half-open", from_="30m")
    records = ran(dead, mix={"gt06": 2}, people=NOBODY)
    lost = [record.t for record in air(records) if "half-open" in (record.lost or "")]
    heard = [record.t for record in records if isinstance(record, Received)]

    assert lost
    assert min(lost) >= 1800.0
    assert max(heard) > max(lost)
    assert max(lost) < 3600.0


def test_only_what_keeps_a_connection_can_have_a_dead_one() -> None:
    """A LoRaWAN button has none."""
    records = ran(fault("half-open"), mix={"milesight-ws101": 3, "gt06": 1})

    assert {strike.device for strike in strikes(records)} == {"gt06/1"}


def test_a_fault_holds_in_its_area() -> None:
    """Everybody is far from it, or nobody."""
    here = {"latitude": -26.2, "longitude": 28.0, "radius_m": 5000.0}
    mix = {"milesight-ws101": 4}

    def lost(made: AnyFault) -> int:
        return sum("gateway down" in (r.lost or "") for r in air(ran(made, mix=mix, place=PLACE)))

    assert lost(fault("gateway-down", area=here)) > 0
    assert lost(fault("gateway-down", area=here | {"latitude": -27.0})) == 0
    assert lost(fault("gateway-down", area=here, outside=True)) == 0


def test_a_fault_draws_nothing_of_the_radio() -> None:
    """After the fault the frames fare as if it had never been."""
    mix = {"milesight-ws101": 3}
    short = fault("loss", to="1h")
    with_fault = [(r.t, r.device, r.lost) for r in air(ran(short, mix=mix)) if r.t > 3600.0]
    without = [(r.t, r.device, r.lost) for r in air(ran(mix=mix)) if r.t > 3600.0]

    assert with_fault == without


@pytest.fixture
def plan() -> FaultPlan:
    """A plan that has begun, a minute ago."""
    plan = FaultPlan(Rng(1), MemoryJournal().write)
    plan.begin([], 100.0)
    return plan


def test_a_fault_that_comes_later_counts_from_then(plan: FaultPlan) -> None:
    """`from` now, `to` an hour after."""
    known = plan.add(fault("loss", to="1h"), 160.0)

    assert (known.from_s, known.to_s) == (60.0, 3660.0)
    assert plan.faults == (known,)


def test_a_fault_that_contradicts_one_that_is_there_is_refused(plan: FaultPlan) -> None:
    """And so is a name that is taken."""
    plan.add(fault("loss", to="1h"), 160.0)

    with pytest.raises(FaultError, match="overlap"):
        plan.add(fault("loss", name="more"), 170.0)
    with pytest.raises(FaultError, match="called 'loss'"):
        plan.add(fault("delay", name="loss"), 170.0)


def test_what_is_over_stands_in_nobody_s_way(plan: FaultPlan) -> None:
    """But its name stays taken, because the journal knows it."""
    plan.add(fault("loss", to="1m"), 160.0)

    assert plan.add(fault("loss", name="again"), 300.0).from_s == 200.0


def test_a_fault_can_be_ended(plan: FaultPlan) -> None:
    """By its name; another name is answered with those that there are."""
    plan.add(fault("loss"), 160.0)

    with pytest.raises(NoSuchFaultError, match="There are: loss"):
        plan.remove("los", 170.0)
    plan.remove("loss", 170.0)
    assert plan.faults == ()

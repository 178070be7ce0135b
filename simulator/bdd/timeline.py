"""What happened in a scenario, in order: person, frame, air, gateway, requests, webhooks, state."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from simulator.bdd.exchange import Exchange, plain_path
from simulator.bdd.scene import Scene
from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    Failed,
    FaultApplied,
    FrameSent,
    OnAir,
    PowerChanged,
    Pressed,
    Received,
    Record,
    Regretted,
    Replied,
    Silent,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One happening; `device` is empty where it is nobody's in particular."""

    at_s: float
    layer: str
    device: str
    text: str


def timeline(scene: Scene, devices: Iterable[str] = ()) -> list[Moment]:
    """Return the happenings of a scenario in order, without those of other devices than these.

    Without devices all are told; what expectations asked of AURA is never told.
    """
    wanted = set(devices)
    told = [m for _, m in sorted(_placed(scene), key=itemgetter(0))]
    return [m for m in told if not wanted or not m.device or m.device in wanted]


def _placed(scene: Scene) -> Iterator[tuple[float, Moment]]:
    """Yield happenings with their place among the records of the journal."""
    yield from _of_journal(scene.journal.records)
    for one in scene.recorder.exchanges:
        if one.by != "look":
            yield one.after - 0.5, _of_exchange(one)
    for webhook in scene.webhooks:
        text = f"{webhook.event} {webhook.entity}"
        yield webhook.after - 0.5, Moment(webhook.at_s, "webhook", "", text)


def written(scene: Scene, moments: Iterable[Moment]) -> Iterator[str]:
    """Yield happenings as lines of text."""
    for moment in moments:
        who = f"  [{moment.device}]" if moment.device else ""
        yield f"{scene.clock(moment.at_s)}  {moment.layer:<8} {moment.text}{who}"


def _of_exchange(exchange: Exchange) -> Moment:
    body = exchange.sent if exchange.by == "pipeline" else ""
    sent = f" {body[:100]}" if body and plain_path(exchange.request) != "/oauth/token" else ""
    lead = "http" if exchange.by == "pipeline" else "asked"
    return Moment(exchange.at_s, lead, "", f"{exchange.title}{sent}")


def _of_journal(records: Iterable[Record]) -> Iterator[tuple[int, Moment]]:
    for number, record in enumerate(records):
        told = _TELL.get(type(record))
        if told:
            layer, text = told(record)
            yield number, Moment(record.t, layer, getattr(record, "device", ""), text)


def _frame(record: FrameSent) -> tuple[str, str]:
    port = f" port {record.port}" if record.port is not None else ""
    again = f", attempt {record.attempt}" if record.attempt > 1 else ""
    return "frame", f"#{record.seq} {record.kind} {record.hex}{port}{again}"


def _air(record: OnAir) -> tuple[str, str]:
    if record.lost:
        return "air", f"#{record.seq} lost: {record.lost}"
    return "air", f"#{record.seq} on its way, copies {record.copies}"


def _received(record: Received) -> tuple[str, str]:
    meaning = " and ".join(record.means) or "nothing"
    return "gateway", f"#{record.seq} {record.dropped or f'means {meaning}'}"


def _answered(record: Answered) -> tuple[str, str]:
    callout = f", callout {record.callout}" if record.callout is not None else ""
    return "state", f"{record.kind} answered {record.status}{callout}"


def _replied(record: Replied) -> tuple[str, str]:
    return "reply", f"to #{record.seq} {record.hex}{' lost' if record.lost else ''}"


_TELL: Mapping[type, Callable[[Any], tuple[str, str]]] = {
    DeviceLinked: lambda r: ("state", f"linked as {r.device_id} to customer {r.customer}"),
    Pressed: lambda r: ("person", f"presses ({r.gesture})"),
    Regretted: lambda r: ("person", f"takes {r.press} back ({r.by})"),
    FaultApplied: lambda r: ("fault", f"{r.fault}: {r.what}"),
    PowerChanged: lambda r: ("device", f"battery {r.what}"),
    Silent: lambda r: ("device", f"stays silent: {r.reason}"),
    FrameSent: _frame,
    OnAir: _air,
    Received: _received,
    Replied: _replied,
    Answered: _answered,
    Failed: lambda r: ("state", f"{r.kind} failed: {r.reason}"),
    CalloutClosed: lambda r: ("state", f"callout {r.callout} ended ({r.by})"),
}

"""Journals that no run would write: any records in any order, about few presses and devices."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    EventSent,
    Failed,
    FrameSent,
    LinkRefused,
    OnAir,
    Pressed,
    Received,
    Record,
    Regretted,
    Replied,
    RunEnded,
    Silent,
    Unfinished,
)

_KINDS = ["press", "move", "cancel", "battery", "heartbeat"]
_WORDS = st.sampled_from(["air", "daily quota", "battery empty", "repetition", "gateway", "…"])
_NAMES = st.sampled_from(["a/1#1", "a/1#2", "b/1#1", "b/2#1"])
_SHARED: dict[str, SearchStrategy[object]] = {
    "t": st.floats(0, 1000),
    "device": st.sampled_from(["a/1", "b/1", "b/2"]),
    "press": st.none() | _NAMES,
    "seq": st.integers(0, 3),
    "kind": st.sampled_from(_KINDS),
    "message": st.sampled_from(["a/1:0:press", "a/1:1:cancel", "b/1:0:press"]),
    "status": st.sampled_from([200, 201, 400, 500]),
    "callout": st.none() | st.integers(1, 3),
    "attempts": st.integers(0, 3),
    "attempt": st.integers(1, 3),
    "copies": st.integers(0, 3),
    "lost": st.none() | _WORDS,
    "dropped": st.none() | _WORDS,
    "means": st.lists(st.sampled_from(_KINDS), max_size=2),
    "reason": _WORDS,
    "by": st.sampled_from(["native", "operator", "cancel", "control room"]),
    "where": _WORDS,
    "gesture": st.just("long"),
    "hex": st.just("ff2e02"),
    "profile": st.just("a"),
    "serial": st.just("S1"),
    "device_id": st.just("D1"),
    "customer": st.integers(1, 2),
    "latitude": st.floats(-90, 90),
    "longitude": st.floats(-180, 180),
}
_OWN: dict[type, dict[str, SearchStrategy[object]]] = {
    Pressed: {"press": _NAMES},
    Regretted: {"press": _NAMES},
    Silent: {"press": _NAMES},
    Unfinished: {"press": _NAMES},
    CalloutClosed: {"callout": st.integers(1, 3)},
    RunEnded: {"reason": st.sampled_from(["finished", "interrupted"])},
}
_USED = (
    Pressed, Pressed, Regretted, Silent, FrameSent, OnAir, Received, Replied, EventSent, Answered,
    Failed, CalloutClosed, Unfinished, DeviceLinked, LinkRefused, RunEnded,
)  # fmt: skip


def _record(kind: type[Record]) -> SearchStrategy[Record]:
    values = _SHARED | _OWN.get(kind, {})
    fields = {name: values[name] for name in kind.__struct_fields__ if name in values}
    return st.builds(kind, **fields)


journals: SearchStrategy[list[Record]] = st.lists(
    st.one_of([_record(kind) for kind in _USED]), max_size=60
)
"""Any records in any order."""

"""A session as one page: self-contained, without script, harmless whatever the device said."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import msgspec
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from simulator.bench.acceptance import BenchRecord
from simulator.bench.acceptance.record import StageRecord
from simulator.bench.report.history import HistoryLine
from simulator.errors import UnavailableError

_MOST_LOG_BYTES = 2 * 2**20  # of a wire log inside the page
_WIDTH = 600.0


def write_reports(folder: Path, record: BenchRecord, history: Sequence[HistoryLine]) -> Path:
    """Write `report.json` and `report.html` beside the wire log; return the page."""
    page = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = msgspec.json.format(msgspec.json.encode(record), indent=2)
        (folder / "report.json").write_bytes(text + b"\n")
        page.write_text(render(record, history, _wire_log(folder, record)), "utf-8")
    except OSError as error:
        message = f"The report cannot be written to {folder}: {error.strerror}. Name another --out."
        raise UnavailableError(message) from error
    return page


def render(record: BenchRecord, history: Sequence[HistoryLine], wire_log: bytes = b"") -> str:
    """Return the page."""
    style = _text("bench.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    attached = base64.b64encode(wire_log).decode() if wire_log else ""
    return (
        _environment()
        .from_string(_text("bench.html.j2"))
        .render(
            record=record,
            history=list(history),
            bars=[_bar(stage) for stage in record.stages],
            style=Markup(style),  # noqa: S704 - our own file
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'",
            wire_log=attached,
            wire_size=len(wire_log),
            width=_WIDTH,
        )
    )


def _wire_log(folder: Path, record: BenchRecord) -> bytes:
    path = folder / record.wire_log
    if not record.wire_log or not path.exists() or path.stat().st_size > _MOST_LOG_BYTES:
        return b""
    return path.read_bytes()


def _bar(stage: StageRecord) -> dict[str, object]:
    """Return the way of a press as pieces of a bar, and the time of each stage in words."""
    marks = [
        ("finger down", stage.finger_down_s),
        ("frame", stage.frame_s),
        ("event sent", stage.event_sent_s),
        ("AURA answered", stage.answered_s),
        ("seen at AURA", stage.seen_at_aura_s),
    ]
    known = [(name, at_s) for name, at_s in marks if at_s is not None]
    if not known:
        return {"stage": stage, "pieces": [], "steps": []}
    begin, end = known[0][1], max(at_s for _, at_s in known)
    span = max(end - begin, 1e-6)
    pieces, steps = [], []
    for number, ((_, before_s), (name, at_s)) in enumerate(pairwise(known)):
        x, width = (before_s - begin) / span * _WIDTH, (at_s - before_s) / span * _WIDTH
        pieces.append({"x": round(x, 1), "width": round(max(width, 1.0), 1), "kind": number})
        steps.append({"name": name, "took": _milliseconds(at_s - before_s), "kind": number})
    return {"stage": stage, "pieces": pieces, "steps": steps}


def _milliseconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


@cache
def _environment() -> Environment:
    return Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _text(name: str) -> str:
    return (files("simulator.bench.report") / "templates" / name).read_text("utf-8")

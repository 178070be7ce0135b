"""Turns the story of a scenario into what reports show of it, on the process that played it."""

from collections.abc import Iterator

import msgspec
import pytest

from simulator.bdd.collector import ScenarioItem
from simulator.bdd.exchange import Exchange
from simulator.bdd.options import OPTIONS
from simulator.bdd.playing import SCENE
from simulator.bdd.reports.shapes import Attachment, FeatureReport, ScenarioReport, StepReport
from simulator.bdd.scene import Scene
from simulator.bdd.story import STORY, Outcome, StepStory
from simulator.bdd.timeline import timeline, written
from simulator.bdd.webhooks import Webhook
from simulator.codec import Context, FrameError
from simulator.journal import FrameSent
from simulator.profile import codec_of

_LONGEST = 4000  # characters of one body
_MOST = 60  # attachments of one step


def told(item: ScenarioItem, report: pytest.TestReport) -> ScenarioReport:
    """Return what a report shows of a scenario that has been played, or skipped."""
    story, scene = item.stash.get(STORY, None), item.stash.get(SCENE, None)
    return {
        "nodeid": item.nodeid,
        "name": item.name,
        "line": item.template.line_number,
        "description": item.template.description.strip(),
        "tags": sorted(item.tags),
        "outcome": _outcome(report),
        "reason": _reason(report),
        "took_s": round(report.duration, 6),
        "run_time": scene.clock(scene.env.now) if scene else "",
        "repeat": f'pytest "{item.nodeid}" {item.config.stash[OPTIONS].words}',
        "feature": _feature(item),
        "steps": [_step(step, scene) for step in (story.steps if story else _unplayed(item))],
        "timeline": list(written(scene, timeline(scene))) if scene else [],
    }


def _outcome(report: pytest.TestReport) -> str:
    trouble = hasattr(report, "aura_environment")
    return Outcome.ENVIRONMENT.value if trouble else report.outcome


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    return str(report.longrepr) if report.failed else ""


def _feature(item: ScenarioItem) -> FeatureReport:
    feature = item.feature
    return {
        "name": feature.name,
        "uri": item.nodeid.partition("::")[0],
        "line": feature.line_number,
        "description": feature.description.strip(),
        "language": feature.language,
        "tags": sorted(feature.tags),
    }


def _unplayed(item: ScenarioItem) -> list[StepStory]:
    steps = item.scenario.steps
    return [StepStory(step.keyword, step.name, step.line_number) for step in steps]


def _step(step: StepStory, scene: Scene | None) -> StepReport:
    return {
        "keyword": step.keyword,
        "name": step.name,
        "line": step.line,
        "outcome": step.outcome.value,
        "error": step.error,
        "took_s": round(step.took_s, 6),
        "at": scene.clock(step.began_s) if scene else "",
        "attachments": list(_attachments(step, scene))[:_MOST] if scene else [],
    }


def _attachments(step: StepStory, scene: Scene) -> Iterator[Attachment]:
    for record in scene.journal.records[slice(*step.records)]:
        if isinstance(record, FrameSent):
            yield _frame(record, scene)
    exchanges = scene.recorder.exchanges[slice(*step.exchanges)]
    looks = [one for one in exchanges if one.by == "look"]
    yield from (_request(one, scene) for one in exchanges if one.by != "look")
    yield from (_request(one, scene) for one in looks[-1:])
    yield from (_webhook(one, scene) for one in scene.webhooks[slice(*step.webhooks)])


def _frame(record: FrameSent, scene: Scene) -> Attachment:
    port = f" on port {record.port}" if record.port is not None else ""
    title = f"{scene.clock(record.t)} {record.device} #{record.seq} {record.kind}{port}"
    return {"kind": "frame", "title": title, "text": f"{record.hex}\n\n{_decoded(record, scene)}"}


def _decoded(record: FrameSent, scene: Scene) -> str:
    profile = next(one.profile for one in scene.devices if one.unit.name == record.device)
    context = Context(port=record.port, received_s=scene.epoch_s + record.t)
    try:
        values = codec_of(profile).decode(bytes.fromhex(record.hex), context)
    except FrameError as error:
        return f"not readable: {error}"
    return _pretty(msgspec.json.encode(values).decode())


def _request(one: Exchange, scene: Scene) -> Attachment:
    bodies = "\n\n".join(_pretty(text)[:_LONGEST] for text in (one.sent, one.answered) if text)
    title = f"{scene.clock(one.at_s)} {one.title} ({one.by})"
    return {"kind": "request", "title": title, "text": bodies}


def _webhook(one: Webhook, scene: Scene) -> Attachment:
    body = _pretty(msgspec.json.encode(one.body).decode())[:_LONGEST]
    return {"kind": "webhook", "title": f"{scene.clock(one.at_s)} {one.event}", "text": body}


def _pretty(text: str) -> str:
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text

"""Cucumber JSON, as the tools that show and collect test results read it."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from simulator.bdd.reports.shapes import Attachment, ScenarioReport, StepReport

Json: TypeAlias = dict[str, Any]
_STATUS: Mapping[str, str] = {"environment": "pending", "undefined": "undefined"}


def cucumber(scenarios: Iterable[ScenarioReport]) -> list[Json]:
    """Return the features of a session; trouble of the environment is `pending`, not failed."""
    features: dict[str, Json] = {}
    for scenario in scenarios:
        feature = scenario["feature"]
        entry = features.setdefault(
            feature["uri"],
            {
                "keyword": "Feature",
                "uri": feature["uri"],
                "id": _id(feature["name"]),
                "name": feature["name"],
                "line": feature["line"],
                "description": feature["description"],
                "language": feature["language"],
                "tags": _tags(feature["tags"], feature["line"]),
                "elements": [],
            },
        )
        entry["elements"].append(_element(scenario, entry["id"]))
    return list(features.values())


def _element(scenario: ScenarioReport, feature_id: str) -> Json:
    return {
        "keyword": "Scenario",
        "type": "scenario",
        "id": f"{feature_id};{_id(scenario['name'])}",
        "name": scenario["name"],
        "line": scenario["line"],
        "description": scenario["description"],
        "tags": _tags(scenario["tags"], scenario["line"]),
        "steps": [_step(step) for step in scenario["steps"]],
    }


def _step(step: StepReport) -> Json:
    status = _STATUS.get(step["outcome"], step["outcome"])
    result: Json = {"status": status, "duration": round(step["took_s"] * 1e9)}
    if step["error"]:
        result["error_message"] = step["error"]
    return {
        "keyword": f"{step['keyword']} ",
        "name": step["name"],
        "line": step["line"],
        "match": {"location": ""},
        "result": result,
        "embeddings": [_embedding(one) for one in step["attachments"]],
    }


def _embedding(attachment: Attachment) -> Json:
    from base64 import b64encode

    data = b64encode(attachment["text"].encode()).decode()
    return {"mime_type": "text/plain", "name": attachment["title"], "data": data}


def _tags(names: Iterable[str], line: int) -> list[Json]:
    return [{"name": f"@{name}", "line": max(1, line - 1)} for name in names]


def _id(name: str) -> str:
    return name.lower().replace(" ", "-")

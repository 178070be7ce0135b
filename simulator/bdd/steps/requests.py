"""AURA's API as it is: any request, and what the answer says."""

from simulator.bdd import raw_api
from simulator.bdd.declare import action, expectation
from simulator.bdd.exchange import object_in
from simulator.bdd.expectation import Finding, equal
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.paths import ABSENT, Table, compared, document_in, rows_of, value_at
from simulator.bdd.placeholders import filled, remember
from simulator.bdd.scene import Scene


@action("{sender} sends {method} {path}[ {count}]")
def sends(scene: Scene, sender: str, method: str, path: str, count: int = 1) -> None:
    """Send a request without a body, or several; `{customer.id}` may stand in the path."""
    for _ in range(count):
        raw_api.ask(scene, filled(scene, sender), method, filled(scene, path))


@action("{sender} sends {method} {path} with:")
def sends_body(scene: Scene, sender: str, method: str, path: str, docstring: str) -> None:
    """Send a request with the JSON of the text below; `{customer.id}` and the like are filled."""
    body = filled(scene, docstring).encode()
    raw_api.ask(scene, sender, method, filled(scene, path), body)


@action("the field {path:text} of the answer is remembered as {name:text}")
def remembers(scene: Scene, path: str, name: str) -> None:
    """Keep a value of the latest answer, for `{name}` in later steps."""
    value = value_at(_document(scene), path)
    if value is ABSENT:
        message = f"The answer has no field '{path}': {_shown(scene)}"
        raise StepUseError(message)
    remember(scene, name, value)


@expectation("the answer is {status}[ or {other:status}]")
def answer_is(scene: Scene, status: int, other: int | None = None) -> Finding:
    """Compare the status of the latest answer."""
    found = _answer_status(scene)
    wanted = f"{status} or {other}" if other else f"{status}"
    return Finding(found in (status, other), f"{found} {_shown(scene)}", wanted)


@expectation("the answer has:")
def answer_has(scene: Scene, datatable: Table) -> Finding:
    """Compare fields of the latest answer: a table with field and value."""
    rows = [(path, filled(scene, value)) for path, value in rows_of(datatable, "field", "value")]
    return compared(_document(scene), rows)


@expectation("the answer lists {count} entry/entries")
def answer_lists(scene: Scene, count: int) -> Finding:
    """Count the entries of an answer that is a list, or that wraps one."""
    found = _document(scene)
    lists = [v for v in found.values() if isinstance(v, list)] if isinstance(found, dict) else []
    listed = found if isinstance(found, list) else lists[0] if lists else []
    return equal(len(listed), count, "entries:")


@expectation("the answer says {text}")
def answer_says(scene: Scene, text: str) -> Finding:
    """Look for a text in AURA's message, whatever its casing."""
    message = str(object_in(scene.answer.body if scene.answer else b"").get("message", ""))
    return Finding(text.casefold() in message.casefold(), f'"{message}"', f'"...{text}..."')


@expectation("the text of the answer contains {text}")
def answer_contains(scene: Scene, text: str) -> Finding:
    """Look for a text in an answer that is no JSON."""
    body = scene.answer.body.decode("utf-8", "replace") if scene.answer else ""
    return Finding(text in body, body[:300] or "nothing", f'"...{text}..."')


@expectation("the answer is the same as the answer remembered as {name:text}")
def answer_is_same(scene: Scene, name: str) -> Finding:
    """Compare the latest answer with one that was kept before."""
    return equal(_document(scene), scene.remembered.get(name, ABSENT))


@expectation("{path} at AURA has:")
def resource_has(scene: Scene, path: str, datatable: Table) -> Finding:
    """Read a resource, each time anew, and compare its fields: a table with field and value."""
    rows = [(field, filled(scene, value)) for field, value in rows_of(datatable, "field", "value")]
    raw_api.ask(scene, "the client", "GET", filled(scene, path))
    return compared(_document(scene), rows)


@expectation("the gateway has sent AURA {count} device event[s]")
def events_sent(scene: Scene, count: int) -> Finding:
    """Count the device events that left the gateway, a repeated one each time."""
    sent = scene.recorder.of_pipeline("/deviceEvent")
    listed = "; ".join(one.sent[:80] for one in sent[-4:])
    seen = f"{len(sent)} device events{f', at last {listed}' if listed else ''}"
    return Finding(len(sent) == count, seen, f"{count} device events")


@expectation("the last device event has:")
def last_event_has(scene: Scene, datatable: Table) -> Finding:
    """Compare fields of the last device event that the gateway sent: a table."""
    rows = [(path, filled(scene, value)) for path, value in rows_of(datatable, "field", "value")]
    sent = scene.recorder.of_pipeline("/deviceEvent")
    if not sent:
        return Finding(False, "no device event", "a device event")
    return compared(object_in(sent[-1].request.body), rows)


@expectation("the answer to the last device event has:")
def event_answer_has(scene: Scene, datatable: Table) -> Finding:
    """Compare fields of what AURA answered to the gateway's last device event: a table."""
    rows = [(path, filled(scene, value)) for path, value in rows_of(datatable, "field", "value")]
    sent = scene.recorder.of_pipeline("/deviceEvent")
    if not sent or sent[-1].response is None:
        return Finding(False, "no answer to a device event", "an answer")
    return compared(object_in(sent[-1].response.body), rows)


@expectation("the gateway has asked AURA for {count} token[s]")
def tokens_asked(scene: Scene, count: int) -> Finding:
    """Count the token requests of the gateway and of the steps before it."""
    asked = [one for one in scene.recorder.exchanges if one.request.path.endswith("/oauth/token")]
    return equal(len(asked), count, "token requests:")


def _document(scene: Scene) -> object:
    return document_in(scene.answer.body if scene.answer else b"")


def _answer_status(scene: Scene) -> int:
    if scene.answer is None:
        message = "No step has asked AURA anything yet. Send a request first."
        raise StepUseError(message)
    return scene.answer.status


def _shown(scene: Scene) -> str:
    return scene.recorder.exchanges[-1].answered[:300] if scene.recorder.exchanges else ""

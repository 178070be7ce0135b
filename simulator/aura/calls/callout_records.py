"""What is written about a callout: its event stream, why it was cancelled, how it went.

The resolution report and the map are there after the callout is closed, and not before.
"""

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, entity, id_of, many, object_of, one
from simulator.aura.types import CalloutEvent, CalloutId, CalloutMap, Document, ExceptionReason


def events(callout_id: CalloutId) -> Call[list[CalloutEvent]]:
    """List what was said and noted during a callout. Errors: 401.

    AURA: api-reference/callout-events/list-callout-events.
    """
    read = many(_read_event, "calloutEvents", "events")
    return Call("GET", f"/callouts/{segment(callout_id)}/events", read, repeat=Repeat.SAFE)


def send_event(callout_id: CalloutId, text: str, *, source: str = "customer") -> Call[Document]:
    """Say something in a callout's event stream; not tried again, for it would be said twice.

    Errors: 400, 401, 500. AURA: api-reference/callout-events/create-callout-event.
    """
    body = encode({"source": source, "event": text})
    return Call("POST", f"/callouts/{segment(callout_id)}/events", document, body)


def exception_reasons(callout_id: CalloutId) -> Call[list[ExceptionReason]]:
    """List the reasons for a cancellation to choose from. Errors: 401.

    AURA: api-reference/callout-exception-reasons/list-exception-reasons.
    """
    start = f"/callouts/{segment(callout_id)}/"
    return Call(
        "GET",
        lambda paths: start + paths.exception_reasons,
        many(_read_reason, "exceptionReasons", "reasons"),
        repeat=Repeat.SAFE,
    )


def add_exception_reason(
    callout_id: CalloutId, reason_id: int, *, notes: str | None = None
) -> Call[Document]:
    """Link one of the listed reasons to a callout. Errors: 400, 401.

    AURA: api-reference/callout-exception-reasons/create-exception-reason.
    """
    body: dict[str, Json] = {"exceptionReasonId": reason_id}
    if notes is not None:
        body["notes"] = notes
    start = f"/callouts/{segment(callout_id)}/"
    return Call("POST", lambda paths: start + paths.exception_reasons, document, encode(body))


def resolution_report(callout_id: CalloutId) -> Call[Document]:
    """Read how a closed callout went; AURA has not published the fields. Errors: 401, 404.

    AURA: api-reference/callouts; the last segment is the setting `Paths.resolution_report`.
    """
    start = f"/callouts/{segment(callout_id)}/"
    return Call(
        "GET",
        lambda paths: start + paths.resolution_report,
        lambda response: _document(response, "report", "resolutionReport"),
        repeat=Repeat.SAFE,
    )


def response_map(callout_id: CalloutId) -> Call[CalloutMap]:
    """Read where to find the map of a closed callout. Errors: 401, 404.

    AURA: api-reference/callouts/get-callout-map.
    """
    read = one(_read_map, "map")
    return Call("GET", f"/callouts/{segment(callout_id)}/maps", read, repeat=Repeat.SAFE)


def document(response: Response) -> Document:
    """Read an answer whose fields are not published, whole."""
    return _document(response)


def _document(response: Response, *names: str) -> Document:
    fields = object_of(response)
    inner = entity(response, *names) if names else fields
    return Document(fields.text("message") or "", raw=inner.raw)


def _read_event(fields: Fields) -> CalloutEvent:
    event = fields.value("event")
    said = event if isinstance(event, str) else fields.part("event").text("message", "body", "text")
    return CalloutEvent(
        id=fields.whole("id"),
        callout_id=id_of(CalloutId, fields.whole("calloutId")),
        type_id=fields.whole("calloutEventTypeId"),
        text=said or fields.text("message"),
        created_by=fields.text("createdBy"),
        created_s=fields.moment("createdAt"),
        raw=fields.raw,
    )


def _read_reason(fields: Fields) -> ExceptionReason:
    return ExceptionReason(fields.identity("id"), fields.text("reason"), raw=fields.raw)


def _read_map(fields: Fields) -> CalloutMap:
    return CalloutMap(fields.text("url"), fields.text("image"), raw=fields.raw)

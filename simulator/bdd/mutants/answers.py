"""Mutants of AURA's answers: what is said, and what is done about what is asked."""

from simulator.bdd.mutants.door import Json, asks, edits, ignores, ignores_event, turns
from simulator.bdd.mutants.planting import Mutant


def _swap_coordinates(body: Json) -> None:
    place = body.get("location") or {}
    if {"latitude", "longitude"} <= set(place):
        place["latitude"], place["longitude"] = place["longitude"], place["latitude"]


def _block(body: Json) -> Json:
    block: Json = body["callout"]["incidentInformation"][0]
    return block


_ONE = r"/callouts/\d+"
_CREATE = r"POST /customers/\d+/callouts"
ANSWERS: tuple[Mutant, ...] = (
    ignores(
        "cancel-is-ignored",
        "A cancel by the API is confirmed, and the callout stays open.",
        rf"POST {_ONE}/cancel",
        b'{"callout":{"id":1,"status":"Responder Cancelled"}}',
    ),
    ignores(
        "location-is-ignored", "A location is confirmed and not kept.", rf"POST {_ONE}/location"
    ),
    ignores(
        "dismiss-is-ignored",
        "A dismissal is confirmed, and the callout stays open.",
        rf"POST {_ONE}/dismiss",
    ),
    ignores("delete-is-ignored", "A deleted customer lives on.", r"POST /customers/\d+/delete"),
    ignores("unlink-is-ignored", "An unlinked device still acts.", r"DELETE /devices/.*"),
    ignores(
        "subscription-cancel-is-ignored",
        "A cancelled subscription lives on.",
        r"DELETE /subscriptions/\d+",
    ),
    ignores(
        "renewal-is-ignored", "A renewal is confirmed and not kept.", r"PUT /subscriptions/\d+"
    ),
    ignores("chat-is-lost", "What is said in a callout is gone.", rf"POST {_ONE}/events"),
    ignores_event("press-is-lost", "A press is confirmed and opens nothing.", 1),
    ignores_event("move-is-lost", "A position of a device is confirmed and not kept.", 2),
    ignores_event("device-cancel-is-lost", "A device's cancel is confirmed and not done.", 3),
    ignores_event("battery-report-is-lost", "A battery report is confirmed and not kept.", 4),
    turns(
        "closed-is-200", "A closed callout takes locations like an open one.", "POST .*", 285, 200
    ),
    turns("unknown-site-is-404", "An unknown site is 404.", "POST /predefined.*", 400, 404),
    turns("forbidden-is-500", "Who has no subscription meets a server error.", _CREATE, 403, 500),
    turns("conflict-is-200", "A registered mobile is accepted again.", "POST /customers", 409, 201),
    turns("double-link-is-200", "A device may have two owners.", "POST /devices", 409, 200),
    turns("http-webhook-is-200", "Webhooks go to http.", "POST /notifiers/webhooks", 400, 200),
    turns("early-artifacts", "Report and map are there at once.", rf"GET {_ONE}/\w+", 404, 200),
    turns("early-rating", "An open callout can be rated.", "POST /ratings", 400, 201),
    turns("no-rate-limit", "Lists are never too many.", r"GET /customers/\d+/\w+", 429, 200),
    turns("late-booking", "A guard can be booked for now.", "POST /scheduled/.*", 400, 200),
    edits(
        "device-id-is-serial",
        "The template's rule is not applied: the device id is the serial.",
        "POST /devices",
        lambda body: body.update(deviceId=body["deviceSerial"]),
    ),
    edits(
        "alias-is-lost",
        "A new alias is confirmed and not shown.",
        "PUT /devices",
        lambda body: body.update(alias=None),
    ),
    edits(
        "battery-is-off-by-one",
        "The battery level is one too high.",
        "PUT /devices",
        lambda body: body.update(batteryLevel=(body["batteryLevel"] or 0) + 1),
    ),
    edits(
        "echo-is-missing",
        "An event is not echoed.",
        "POST /deviceEvent",
        lambda body: body.pop("input") and None,
    ),
    edits(
        "event-type-is-wrong",
        "A new callout is called an update.",
        "POST /deviceEvent",
        lambda body: body["resolvedAuraEvent"].update(eventTypes="UPDATE_LOCATION"),
    ),
    edits(
        "tracking-url-is-missing",
        "A new callout has no tracking page.",
        _CREATE,
        lambda body: body["callout"].pop("url") and None,
    ),
    edits(
        "coordinates-are-rounded",
        "A new callout is a kilometre off.",
        _CREATE,
        lambda body: body["callout"].update(latitude=round(body["callout"]["latitude"] or 0, 2)),
    ),
    edits(
        "classification-is-real",
        "A TEST callout is shown as REAL.",
        rf"GET {_ONE}",
        lambda body: body["callout"].update(calloutClassification={"id": 1, "value": "REAL"}),
    ),
    edits(
        "incident-is-flat",
        "A callout is read flat.",
        rf"GET {_ONE}",
        lambda body: body["callout"].update(incidentInformation=[]),
    ),
    edits(
        "responder-is-nobody",
        "Nobody is shown to come.",
        rf"GET {_ONE}",
        lambda body: _block(body).update(responder=None),
    ),
    edits(
        "status-is-stale",
        "A callout is shown as created for ever.",
        rf"GET {_ONE}",
        lambda body: body["callout"].update(status="created"),
    ),
    edits(
        "report-is-slow",
        "The report has another response time.",
        rf"GET {_ONE}/resolutionReport",
        lambda body: body["report"].update(responseTimeSeconds=1),
    ),
    edits("lists-forget", "Active callouts are not listed.", r"GET /callouts/\w+", lambda _: []),
    edits(
        "site-has-numbers",
        "Coordinates of a site are numbers.",
        "POST /predefinedLocations",
        lambda body: body.update(latitude=float(body["latitude"])),
    ),
    edits(
        "dependants-are-lost",
        "A family subscription shows nobody.",
        r"GET /subscriptions/\d+",
        lambda body: body.update(dependents=[]),
    ),
    edits(
        "health-date-is-missing",
        "A battery report leaves no date of the last sign of life.",
        "PUT /devices",
        lambda body: body.update(healthCheckLastReceivedDate=None),
    ),
    edits(
        "arrival-is-not-shown",
        "The time of arrival stays empty.",
        rf"GET {_ONE}",
        lambda body: _block(body).update(arrivedAt=None),
    ),
    edits(
        "site-is-not-shown",
        "A callout of a site does not say which.",
        rf"GET {_ONE}",
        lambda body: _block(body).update(predefinedLocationId=None),
    ),
    edits(
        "latest-callout-is-missing",
        "A 285 comes without the latest callout.",
        rf"POST {_ONE}/updateLocationAndReturnCallout",
        lambda body: body.update(callout={"id": body["callout"]["id"]}),
    ),
    edits(
        "token-is-spelled-old",
        "A token is answered in the spelling of the first documentation.",
        "POST /oauth/token",
        lambda body: body.update(token_type=body.pop("tokenType")),
    ),
    asks(
        "subscription-ends-early",
        "A subscription ends a day before it should.",
        "POST /subscriptions",
        lambda body: body.update(validTo=body.get("validFrom", "2026-06-01T00:00:00Z")),
    ),
    asks(
        "profile-change-is-lost",
        "A profile field that is changed is not kept.",
        r"PUT /customers/\d+",
        lambda body: body.update(customer={}),
    ),
    asks("coordinates-are-swapped", "Latitude becomes longitude.", _CREATE, _swap_coordinates),
    asks(
        "every-event-is-told",
        "Webhooks come for events that nobody asked for.",
        "POST /notifiers/webhooks",
        lambda body: body.update(
            events=[*body.get("events", []), "NEW_CALLOUT", "CALLOUT_OWNED", "CALLOUT_CLOSED"]
        ),
    ),
    asks(
        "webhook-headers-are-lost",
        "Deliveries do not carry the headers of the registration.",
        "POST /notifiers/webhooks",
        lambda body: body.pop("headers", None) and None,
    ),
)

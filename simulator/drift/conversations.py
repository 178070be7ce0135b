"""The conversations: what an integration says to AURA, each opening and closing its own.

A step's `values` are what the contract promises by value: the state of a callout, the kind of an
event, whether an id is the one from before. The names filled in from outside are `mobile`,
`other_mobile`, `serial`, `supplier`, `device_type`, `reference`, `from`, `to` and `type`.
"""

from simulator.drift.steps import Conversation, Json, Step

_PLACE: Json = {"latitude": -26.12345, "longitude": 28.12345, "accuracy": 10}
_CALL: Json = {"location": _PLACE, "responseTypeId": 1, "calloutClassificationId": 2}
_NESTED = ("callout.id", "callout.status", "callout.calloutClassification.value")
_EVENT: dict[str, Json] = {"device_id": "{device}", "device_type_id": "{type_of_device}"}
_RESOLVED = ("resolvedAuraEvent.eventTypes", "resolvedAuraEvent.eventResponse.calloutId")


def _customer(mobile: str = "{mobile}") -> Step:
    """Register a customer with a subscription."""
    return Step(
        "register a customer",
        "POST",
        "/customers",
        {
            "customer": {"name": "Drift", "surname": "Test", "mobile": mobile},
            "subscription": {
                "subscriptionTypeId": "{subscription_type}",
                "validFrom": "{from}",
                "validTo": "{to}",
            },
        },
        keep={"customer": "customer.id"},
    )


_TYPES = Step(
    "list subscription types",
    "GET",
    "/subscriptions/subscriptionTypes",
    keep={"subscription_type": "subscriptionTypes.0.id"},
)
_DELETE = Step("delete the customer", "POST", "/customers/{customer}/delete", {})


def _read(name: str) -> Step:
    return Step(name, "GET", "/callouts/{callout}", values=_NESTED)


def _event(name: str, message_type: int, **payload: Json) -> Step:
    return Step(
        name,
        "POST",
        "/deviceEvent",
        {**_EVENT, "message_type": message_type, **payload},
        keep={"callout": "resolvedAuraEvent.eventResponse.calloutId"},
        values=_RESOLVED,
    )


CONVERSATIONS: tuple[Conversation, ...] = (
    Conversation(
        "authentication",
        (
            Step(
                "ask for a token without a secret",
                "POST",
                "/oauth/token",
                {"clientId": "nobody"},
                has_bearer=False,
            ),
            Step("ask without a token", "GET", "/callouts/activeCallouts", has_bearer=False),
        ),
    ),
    Conversation(
        "customers",
        (
            _TYPES,
            _customer(),
            Step(
                "read the customer",
                "GET",
                "/customers/{customer}",
                values=("customer.id", "customer.mobile"),
            ),
            Step(
                "change the customer",
                "PUT",
                "/customers/{customer}",
                {"customer": {"name": "Changed"}},
                values=("customer.name",),
            ),
            _customer(),
            Step("list subscriptions", "GET", "/customers/{customer}/subscriptions"),
            Step("register nobody", "POST", "/customers", {"customer": {"name": "Drift"}}),
            _DELETE,
            Step("read who is gone", "GET", "/customers/{customer}"),
        ),
    ),
    Conversation(
        "a customer's callout",
        (
            _TYPES,
            _customer(),
            Step(
                "call for help",
                "POST",
                "/customers/{customer}/callouts",
                _CALL,
                keep={"callout": "callout.id"},
                values=("callout.id", "callout.status", "callout.customerId"),
            ),
            Step(
                "call again",
                "POST",
                "/customers/{customer}/callouts",
                _CALL,
                values=("callout.id", "callout.status"),
            ),
            _read("read the callout"),
            Step(
                "list the customer's callouts",
                "GET",
                "/customers/{customer}/callouts",
                values=("[].id", "callouts[].id"),
            ),
            Step("move", "POST", "/callouts/{callout}/location", _PLACE),
            Step(
                "move and read",
                "POST",
                "/callouts/{callout}/updateLocationAndReturnCallout",
                _PLACE,
                values=_NESTED,
            ),
            Step(
                "say something",
                "POST",
                "/callouts/{callout}/events",
                {"source": "customer", "event": "I am at the gate"},
                values=("calloutEvent.calloutId",),
            ),
            Step("list what was said", "GET", "/callouts/{callout}/events"),
            Step("list reasons", "GET", "/callouts/{callout}/exceptionReasons"),
            Step(
                "cancel",
                "POST",
                "/callouts/{callout}/cancel",
                {},
                values=("callout.id", "callout.status"),
            ),
            _read("read what was cancelled"),
            Step("move what was cancelled", "POST", "/callouts/{callout}/location", _PLACE),
            Step("cancel again", "POST", "/callouts/{callout}/cancel", {}),
            _DELETE,
        ),
    ),
    Conversation(
        "a callout that is refused",
        (
            _TYPES,
            Step(
                "register without a subscription",
                "POST",
                "/customers",
                {"customer": {"name": "Drift", "surname": "Test", "mobile": "{other_mobile}"}},
                keep={"customer": "customer.id"},
            ),
            Step("call for help", "POST", "/customers/{customer}/callouts", _CALL),
            Step(
                "call from nowhere",
                "POST",
                "/customers/{customer}/callouts",
                {"responseTypeId": 1, "calloutClassificationId": 2},
            ),
            Step("call for nobody", "POST", "/customers/1/callouts", _CALL),
            Step("read no callout", "GET", "/callouts/1"),
            _DELETE,
        ),
    ),
    Conversation(
        "a device",
        (
            _TYPES,
            _customer(),
            Step(
                "link the device",
                "POST",
                "/devices",
                {
                    "customerId": "{customer}",
                    "deviceSerial": "{serial}",
                    "deviceSupplier": "{supplier}",
                    "deviceType": "{device_type}",
                },
                keep={"device": "deviceId", "type_of_device": "deviceTypeId"},
                values=("customerId",),
            ),
            _event("say the battery", 4, body={"battery": 87}),
            _event("press", 1, location=_PLACE),
            _event("press again", 1, location=_PLACE),
            _read("read the callout"),
            _event("move", 2, body=_PLACE),
            _event("cancel", 3, body={}),
            _read("read what was cancelled"),
            _event("say nothing known", 9),
            Step("unlink the device", "DELETE", "/devices/{device}"),
            _event("press what is not linked", 1, location=_PLACE),
            _DELETE,
        ),
    ),
    Conversation(
        "a fixed location",
        (
            Step(
                "make the site",
                "POST",
                "/predefinedLocations",
                {
                    "externalReferenceId": "{reference}",
                    "locationIdentifier": "{reference}",
                    "latitude": "-26.12345",
                    "longitude": "28.12345",
                },
                keep={"location": "id"},
                values=("externalReferenceId",),
            ),
            Step(
                "call for the site",
                "POST",
                "/predefinedLocations/externalRef/{reference}/callouts",
                {},
                keep={"callout": "callout.id"},
                values=("externalReferenceId", "callout.status"),
            ),
            Step("cancel", "POST", "/callouts/{callout}/cancel", {}, values=("callout.status",)),
            Step(
                "call for no site",
                "POST",
                "/predefinedLocations/externalRef/{reference}-not/callouts",
                {},
            ),
            Step("delete the site", "DELETE", "/predefinedLocations/{location}"),
        ),
    ),
    Conversation(
        "what AURA offers",
        (
            Step("list response types", "GET", "/responseTypes"),
            Step("read the coverage", "GET", "/coverage/1"),
            Step("read no coverage", "GET", "/coverage/999"),
        ),
    ),
)

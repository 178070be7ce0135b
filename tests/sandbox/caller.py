"""A caller of a sandbox in the same process, and the worlds its tests begin in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from simulator.aura.http import Request, Response
from simulator.sandbox import Sandbox

API = "/panic-api/v2"
CONTROL = "/__sandbox__"
EPOCH_S = 1_781_080_200.0  # 2026-06-10T08:30:00Z
HOME = {"latitude": -26.0919, "longitude": 28.084, "accuracy": 70}
YEAR = {"validFrom": "2026-01-01T00:00:00Z", "validTo": "2027-06-10T00:00:00Z"}


@dataclass(frozen=True)
class Answer:
    """A response with its body read."""

    response: Response

    @property
    def status(self) -> int:
        """Return the status."""
        return self.response.status

    @property
    def body(self) -> dict[str, object]:
        """Return the body, which is an object."""
        return cast(dict[str, object], json.loads(self.response.body))

    @property
    def items(self) -> list[dict[str, object]]:
        """Return the body, which is a list of objects."""
        return cast(list[dict[str, object]], json.loads(self.response.body))

    @property
    def message(self) -> str:
        """Return what the answer says."""
        return str(self.body["message"])

    def inside(self, *path: str) -> dict[str, object]:
        """Return an object inside the body."""
        found: object = self.body
        for name in path:
            found = cast(dict[str, object], found)[name]
        return cast(dict[str, object], found)

    def number(self, *path: str) -> int:
        """Return an integer inside the body."""
        return cast(int, self.inside(*path[:-1])[path[-1]])


@dataclass
class Caller:
    """Somebody with credentials, who asks a sandbox."""

    sandbox: Sandbox
    client_id: str
    secret: str = "secret"
    token: str | None = None
    seen: list[Answer] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask with the token, and JSON if there is a body."""
        sent = {"authorization": f"Bearer {self.token or self.log_in()}", **(headers or {})}
        return self.raw(method, API + path, _bytes(body), sent)

    def raw(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask with nothing added."""
        return Answer(self.sandbox.handle(Request(method, path, headers or {}, body)))

    def control(self, method: str, path: str, body: object = None) -> Answer:
        """Ask the control surface."""
        return self.raw(method, CONTROL + path, _bytes(body), {"x-sandbox-client": self.client_id})

    def log_in(self) -> str:
        """Return a new server token, and use it from now on."""
        self.token = str(self.grant().body["accessToken"])
        return self.token

    def grant(self) -> Answer:
        """Ask for a server token."""
        body = {"clientId": self.client_id, "clientSecret": self.secret}
        return self.raw("POST", f"{API}/oauth/token", _bytes(body))

    def with_callout_token(self, customer_id: int) -> "Caller":
        """Return a caller who has a callout token of a customer."""
        granted = self.ask("POST", "/oauth/calloutToken", {"customerId": customer_id})
        token = str(granted.body["accessToken"])
        return Caller(self.sandbox, self.client_id, self.secret, token)

    def customer(self, mobile: str = "+27821234567", *, pays: bool = True) -> int:
        """Return a new customer, with a subscription if it pays."""
        body: dict[str, object] = {"customer": {"name": "J", "surname": "D", "mobile": mobile}}
        if pays:
            body["subscription"] = {"subscriptionTypeId": 4, **YEAR}
        return self.ask("POST", "/customers", body).number("customer", "id")

    def link(
        self, customer_id: int, serial: str = "AB26217939", supplier: str = "ExampleBrand"
    ) -> Answer:
        """Link a device."""
        body = {"customerId": customer_id, "deviceSerial": serial, "deviceSupplier": supplier}
        return self.ask("POST", "/devices", body)

    def raise_callout(self, customer_id: int, **more: object) -> Answer:
        """Raise a callout at home."""
        body = {"responseTypeId": 1, "location": HOME, **more}
        return self.ask("POST", f"/customers/{customer_id}/callouts", body)

    def callout(self, customer_id: int) -> int:
        """Return a callout that is open for a customer."""
        return self.raise_callout(customer_id).number("callout", "id")

    def advance(self, callout_id: int, to: str = "closed") -> Answer:
        """Take a callout on, as AURA would."""
        return self.control("POST", f"/callouts/{callout_id}/advance", {"to": to})

    def closed_callout(self, customer_id: int) -> int:
        """Return a callout that went through all its states."""
        callout_id = self.callout(customer_id)
        self.advance(callout_id)
        return callout_id

    def press(self, device_id: object = "26217939", **more: object) -> Answer:
        """Send a press of a structured device."""
        event = {"device_id": device_id, "device_type_id": 5, "message_type": 1, "location": HOME}
        return self.ask("POST", "/deviceEvent", {**event, **more})

    def event(self, message_type: object, body: object, device_id: object = "26217939") -> Answer:
        """Send another event of a structured device."""
        event = {"device_id": device_id, "device_type_id": 5, "message_type": message_type}
        return self.ask("POST", "/deviceEvent", {**event, "body": body})

    def events(self) -> list[str]:
        """Return the names of all that happened, oldest first."""
        return [str(d["event"]) for d in self.control("GET", "/webhooks").items]


def _bytes(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def mobiles() -> Iterator[str]:
    """Yield numbers that nobody has yet."""
    return (f"+2782{number:07d}" for number in range(1, 1_000_000))

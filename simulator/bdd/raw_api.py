"""Requests of a scenario's own, written as they go over the wire, by one of several senders."""

import re

from simulator.aura import Request, Response
from simulator.bdd.exchange import object_in
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.quantities import name_of
from simulator.bdd.scene import Scene

PREFIX = "/panic-api/v2"
_FORGED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmVkLWJ5LW5vYm9keQ"


def ask(scene: Scene, sender: str, method: str, path: str, body: bytes = b"") -> Response:
    """Send a request as `sender`, keep the answer as the scenario's, and return it."""
    headers = {"content-type": "application/json", **_authority(scene, sender)}
    full = path if path.startswith("/__sandbox__") else PREFIX + path
    scene.answer = scene.send(Request(method, full, headers, body))
    _note_callout(scene, path, scene.answer)
    return scene.answer


def control(scene: Scene, path: str, body: bytes) -> Response:
    """Ask the control surface of the sandbox; a scenario on another target is skipped."""
    scene.need_sandbox("the control room")
    headers = {"content-type": "application/json", "authorization": f"Bearer {_server(scene)}"}
    answer = scene.send(Request("POST", f"/__sandbox__{path}", headers, body))
    if answer.status >= 300:
        message = f"The control room was refused: {answer.status} {answer.body.decode()[:200]}"
        raise StepUseError(message)
    return answer


def _authority(scene: Scene, sender: str) -> dict[str, str]:
    """Return the Authorization header of a sender; none for who has no token."""
    if "without a token" in sender:
        return {}
    if "forged" in sender:
        return {"authorization": f"Bearer {_FORGED}"}
    if sender.startswith("the token"):
        return {"authorization": f"Bearer {name_of(sender)}"}
    if sender.startswith("the callout token"):
        customer = scene.customers.one(name_of(re.sub(r".* of ", "", sender)))
        name = f"callout token of {customer.name}"
        if name not in scene.remembered:
            scene.remembered[name] = _callout_token(scene, customer.id)
        return {"authorization": f"Bearer {scene.remembered[name]}"}
    token = _other(scene) if sender == "another client" else _server(scene)
    return {"authorization": f"Bearer {token}"}


def _server(scene: Scene) -> str:
    grants = scene.grants
    if not grants.server or scene.now_s >= grants.server_until_s:
        credentials = scene.stage.credentials
        secret = credentials.client_secret.reveal()
        grants.server, lasts_s = _granted(scene, credentials.client_id, secret)
        grants.server_until_s = scene.now_s + lasts_s - 30.0
    return grants.server


def _other(scene: Scene) -> str:
    """Return a token of a customer source that has nothing to do with the scenario's."""
    scene.need_sandbox("another customer source")
    if not scene.grants.other:
        name = f"other-{scene.fresh_number(9)}"
        scene.grants.other, _ = _granted(scene, name, "another-secret")
    return scene.grants.other


def _granted(scene: Scene, client_id: str, secret: str) -> tuple[str, float]:
    body = f'{{"clientId":"{client_id}","clientSecret":"{secret}"}}'.encode()
    path = f"{PREFIX}/oauth/token"
    answer = scene.send(Request("POST", path, {"content-type": "application/json"}, body))
    return _token_in(answer)


def _callout_token(scene: Scene, customer_id: int) -> str:
    headers = {"content-type": "application/json", "authorization": f"Bearer {_server(scene)}"}
    body = f'{{"customerId":{customer_id}}}'.encode()
    token, _ = _token_in(scene.send(Request("POST", f"{PREFIX}/oauth/calloutToken", headers, body)))
    return token


def _token_in(answer: Response) -> tuple[str, float]:
    said = object_in(answer.body)
    token, lasts_s = said.get("accessToken"), said.get("expiresIn")
    if not isinstance(token, str) or not isinstance(lasts_s, int | float):
        message = f"No token was granted: {answer.status}. Check the credentials of the target."
        raise StepUseError(message)
    return token, float(lasts_s)


def _note_callout(scene: Scene, path: str, answer: Response) -> None:
    """Take note of a callout that a request created, so that `the callout` is that one."""
    created = path.endswith("/callouts") and answer.status in (200, 201)
    callout = object_in(answer.body).get("callout")
    if created and isinstance(callout, dict) and isinstance(callout.get("id"), int):
        scene.note_callout(callout["id"])

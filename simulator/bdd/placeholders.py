"""Texts with places that the scenario fills: `{customer.id}`, `{hall.serial}`, `{now + 2 hours}`.

A place begins with a letter right after the brace, so the braces of JSON stay what they are.
"""

import re
from collections.abc import Mapping

from simulator.bdd.cast import Customer, Device
from simulator.bdd.exchange import object_in
from simulator.bdd.mistakes import StepUseError, unknown
from simulator.bdd.paths import value_at
from simulator.bdd.quantities import duration_s
from simulator.bdd.scene import Scene
from simulator.bdd.webhooks import URL
from simulator.clock import iso

_HOLE = re.compile(r"\{([A-Za-z][^{}\"]*)\}")
_MOMENT = re.compile(r"now(?: ([+-]) (.+))?")


def filled(scene: Scene, text: str) -> str:
    """Return a text with its places filled; raise `StepUseError` for one that means nothing."""
    return _HOLE.sub(lambda hole: str(_value(scene, hole[1].strip())), text)


def _value(scene: Scene, name: str) -> object:
    if name in scene.remembered:
        return scene.remembered[name]
    moment = _MOMENT.fullmatch(name)
    if moment:
        ahead_s = duration_s(moment[2]) if moment[2] else 0.0
        return iso(scene.now_s + (ahead_s if moment[1] == "+" else -ahead_s))
    thing, _, field = name.partition(".")
    if thing == "answer":
        return value_at(object_in(scene.answer.body if scene.answer else b""), field)
    fields = _fields(scene, thing)
    if field not in fields:
        raise unknown(f"field of {thing}", field, fields)
    return fields[field]


def _fields(scene: Scene, thing: str) -> Mapping[str, object]:
    if thing == "callout":
        known = scene.callouts
        return {"id": known[-1] if known else "none"}
    if thing == "webhook":
        return {"url": URL}
    if thing == "client":
        credentials = scene.stage.credentials
        secret = credentials.client_secret.reveal()
        return {"id": credentials.client_id, "secret": secret}
    devices = {one.name: one for one in scene.devices}
    customers = {one.name: one for one in scene.customers}
    if thing in devices or (thing == "device" and devices):
        return _of_device(devices.get(thing) or scene.devices.one("the device"))
    if thing in customers or (thing == "customer" and customers):
        return _of_customer(customers.get(thing) or scene.customers.one("the customer"))
    known_names = [*devices, *customers, *map(str, scene.remembered)]
    raise unknown("thing", thing, [*known_names, "customer", "device", "callout", "answer", "now"])


def _of_device(device: Device) -> Mapping[str, object]:
    firmware, template = device.unit.firmware, device.profile.aura
    derived = device.link.device_id if device.link else firmware.device_id
    return {
        "id": derived,
        "serial": firmware.serial,
        "type": template.device_type_id,
        "supplier": template.supplier,
        "model": device.profile.name,
    }


def _of_customer(customer: Customer) -> Mapping[str, object]:
    if customer.subscription_id is None:
        subscription: object = "none"
    else:
        subscription = customer.subscription_id
    return {
        "id": customer.id,
        "mobile": customer.mobile,
        "name": customer.name,
        "safeCode": customer.safe_code,
        "subscription": subscription,
    }


def remember(scene: Scene, name: str, value: object) -> None:
    """Keep a value under a name; raise `StepUseError` for one that could not be written later."""
    if not re.fullmatch(r"[A-Za-z][\w ]*", name):
        message = f"'{name}' is no name for a value. Use letters, digits and spaces."
        raise StepUseError(message)
    scene.remembered[name] = value

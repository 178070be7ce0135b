"""What a unit is given when the fleet is switched on: way, receiver, weather, charger, coverage."""

from collections.abc import Sequence

from simulator.device import Firmware
from simulator.device.gnss import Receiver
from simulator.device.power import Charger
from simulator.device.ways import Route, mover_of
from simulator.fleet import Unit
from simulator.link import CoveredLink
from simulator.rng import Rng
from simulator.run.casting import is_named
from simulator.run.life import Life


def outfit(unit: Unit, life: Life, rng: Rng, began_s: float) -> None:
    """Let a unit be carried, hear satellites, be charged and be heard, as the run file says."""
    firmware = unit.firmware
    route = route_of(firmware, life.routes, rng)
    if route is not None:
        chance = rng.stream(firmware.key, f"route {route.name}")
        firmware.carry(mover_of(route, firmware.home, chance, began_s))
    if life.gnss is not None:
        firmware.receiver = Receiver(
            life.gnss,
            firmware.profile.behaviour.fix_error_m,
            firmware.wander,
            rng.stream(firmware.key, "gnss"),
            rng.stream(firmware.key, "gnss error"),
        )
    battery = firmware.battery
    if life.climate is not None:
        climate, epoch_s = life.climate, firmware.epoch_s
        battery.weather(lambda now: climate.celsius(epoch_s + now))
    if life.charging is not None and firmware.profile.battery.charge_ma:
        chance = rng.stream(firmware.key, "charger")
        battery.charger = Charger(life.charging, chance, firmware.epoch_s)
    if life.coverage is not None and life.coverage.concerns(firmware.profile.network):
        unit.link = CoveredLink(unit.link, life.coverage)


def route_of(unit: Firmware, routes: Sequence[Route], rng: Rng) -> Route | None:
    """Return the route that a unit takes: the first that names it and draws it; None for none."""
    for route in routes:
        if is_named(route.devices, unit.name):
            drawn = rng.stream(unit.key, f"takes {route.name}").at(0)
            if drawn < route.share:
                return route
    return None

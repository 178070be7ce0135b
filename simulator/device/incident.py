"""Incidents: one event at a time and a place, and many people who press because of it."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from simulator.clock import Duration
from simulator.device.area import Area
from simulator.device.motion import distance_m
from simulator.device.person import Act
from simulator.device.persona import Carrier, Conduct, Share, call


class Incident(
    Conduct,
    frozen=True,
    kw_only=True,
    rename={"at_s": "at", "within_s": "within"},
):
    """One event. Who is in its area when it happens presses with the chance `share`."""

    name: Annotated[str, Meta(min_length=1)]  # the cause of its presses in the journal
    at_s: Duration  # since the fleet was switched on
    within_s: Duration = Duration(300.0)  # in which most of those who press have pressed
    area: Area | None = None  # none: everywhere
    share: Share = 0.5  # of those in the area
    devices: tuple[str, ...] = ()  # names, profiles or patterns; none: all
    spreads_ms: Annotated[float, Meta(gt=0)] | None = None  # metres a second, from the middle

    def __post_init__(self) -> None:
        Conduct.__post_init__(self)
        if self.spreads_ms is not None and self.area is None:
            message = "an incident that spreads needs an area to spread from"
            raise ValueError(message)


def incident_acts(incident: Incident, carrier: Carrier, until_s: float) -> Iterator[Act]:
    """Yield what the person of one unit does because of an incident."""
    chance = carrier.stream(f"incident {incident.name}")
    is_struck, late_s = chance.chance(incident.share), chance.exponential(incident.within_s / 3.0)
    here = carrier.wander.at(carrier.began_s + incident.at_s)
    if not is_struck or (incident.area and not incident.area.contains(here)):
        return
    at_s = incident.at_s + min(late_s, 2.0 * incident.within_s)
    if incident.area and incident.spreads_ms:
        at_s += distance_m(incident.area.centre, here) / incident.spreads_ms
    if at_s < until_s:
        acts = call(incident, carrier, at_s, incident.name)
        yield from (act for act in acts if act.at_s < until_s)

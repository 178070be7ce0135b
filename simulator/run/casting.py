"""Who carries which device, and what they do: personas, incidents, and everybody else."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge

from simulator.device import Act, Firmware, People, acts
from simulator.device.incident import Incident, incident_acts
from simulator.device.person import by_time
from simulator.device.persona import Carrier, Persona, persona_acts
from simulator.faults import names
from simulator.rng import Rng


def persona_of(unit: Firmware, personas: Sequence[Persona], rng: Rng) -> Persona | None:
    """Return the kind of person that carries a unit; None for one of the others.

    Personas take their shares in order, of the devices that they name.
    """
    drawn, taken = rng.stream(unit.key, "persona").at(0), 0.0
    for persona in personas:
        if is_named(persona.devices, unit.name):
            taken += persona.share
            if drawn < taken:
                return persona
    return None


def acts_of(
    unit: Firmware,
    rng: Rng,
    *,
    people: People,
    personas: Sequence[Persona],
    incidents: Iterable[Incident],
    began_s: float,
    for_s: float,
) -> Iterator[Act]:
    """Yield what the person of a unit does, in order of time since `began_s`."""
    carrier = Carrier(unit.profile, unit.key, rng, unit.wander, unit.epoch_s, began_s)
    persona = persona_of(unit, personas, rng)
    own = (
        acts(people, unit.profile, rng, unit.key, for_s)
        if persona is None
        else persona_acts(persona, carrier, for_s)
    )
    struck = (
        incident_acts(incident, carrier, for_s)
        for incident in incidents
        if is_named(incident.devices, unit.name)
    )
    return merge(own, *struck, key=by_time)


def is_named(patterns: Sequence[str], device: str) -> bool:
    """Return whether patterns name a device; none of them stand for all devices."""
    return not patterns or any(names(pattern, device) for pattern in patterns)

"""Fixed locations: sites that call for help without a phone or a device."""

from simulator.aura.calls import fixed_locations
from simulator.bdd.declare import action
from simulator.bdd.placeholders import remember
from simulator.bdd.scene import Scene
from simulator.device import Position


@action("a fixed location {name:text} at {position}[ of {customer}]")
def fixed_location(scene: Scene, name: str, position: Position, customer: str = "") -> None:
    """Register a site; `{site}` is then its id, and `{site reference}` your name of it."""
    reference = f"{name}-{scene.fresh_number(6)}"
    site = fixed_locations.Site(
        external_reference_id=reference,
        identifier=reference,
        latitude=position.latitude,
        longitude=position.longitude,
        customer_id=scene.customers.one(customer).id if customer else None,
    )
    made = scene.aura.call(fixed_locations.create(site))
    scene.leave(fixed_locations.delete(made.id))
    remember(scene, "site", made.id)
    remember(scene, "site reference", reference)


@action("the site calls for help")
def site_calls(scene: Scene) -> None:
    """Raise a callout for the latest fixed location, as a monitoring platform does."""
    reference = str(scene.remembered.get("site reference", ""))
    made = scene.aura.call(fixed_locations.create_callout(reference))
    scene.note_callout(made.callout.id)

"""Which units of a run may be put away in crowds, and the crowds that are opened for them."""

from collections.abc import Sequence
from itertools import islice

from simulator.fleet import Choice, Gear, gear_of
from simulator.gateway import Express, Freight, Gateway, is_freight, looks_back
from simulator.profile import Profile, load
from simulator.run.befalling import befalls_all
from simulator.run.clerk import SandboxClerk
from simulator.run.crowds import Crowds
from simulator.run.settings import RunSettings
from simulator.run.share import Share
from simulator.run.window import Window
from simulator.run.world import World
from simulator.sandbox import Door, Tenant

LEAST = 500
"""A model of fewer units than this is not worth a crowd."""


def idle_gear(profile: Profile) -> Choice:
    """Return in which gear the idle units of a model run against the embedded AURA."""
    choice = gear_of(profile)
    is_raw = profile.aura.payload == "sigfox"
    if choice.gear is Gear.CROWD and is_raw and looks_back(profile):
        return Choice(Gear.FULL, "AURA reads each raw frame against the one before it")
    return choice


def open_crowds(
    world: World,
    settings: RunSettings,
    share: Share,
    *,
    tenant: Tenant,
    window: Window,
    least: int = LEAST,
) -> None:
    """Give a world crowds for the units of its share that may be put away."""
    is_sound = not settings.mutate and not settings.plant and not settings.cold_start
    if not is_sound or not isinstance(world.gateway, Gateway):
        return
    door = Door(tenant)
    crowds = Crowds(
        world.env,
        world.fleet,
        world.gateway,
        window=window,
        express=Express(world.gateway, window.write, door.tell),
        clerk=SandboxClerk(world, tenant, door),
    )
    begins = 0
    for model in settings.mix:
        numbers = settings.numbers(model)
        first, own = _own(numbers, begins, share)
        if own and len(numbers) >= least:
            profile = load(model)
            if idle_gear(profile).gear is Gear.CROWD and not befalls_all(settings.life, profile):
                tell = door.tell_many
                freight = (
                    Freight(profile, world.epoch_s, window.write_columns, tell)
                    if is_freight(profile)
                    else None
                )
                crowds.open(world.crowd(profile, own), first, freight)
        begins += len(numbers)
    world.crowds = crowds


def _own(numbers: Sequence[int], begins: int, share: Share) -> tuple[int, Sequence[int]]:
    """Return the place of the first unit of a model that is ours, and the numbers of all ours."""
    first = max(begins, share.shard.first)
    last = min(begins + len(numbers), share.shard.last)
    own = islice(numbers, first - begins, max(first, last) - begins)
    return first, numbers[first - begins : last - begins] if isinstance(numbers, range) else [*own]

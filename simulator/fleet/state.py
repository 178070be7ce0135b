"""The units of a crowd as columns of numbers: a row a unit, by its slot."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.device.idle import Idle
from simulator.device.walks import Spots, spots
from simulator.draws import Counts, Floats, Keys, device_keys, stream_keys
from simulator.frame import Kind
from simulator.link.idle import Resting
from simulator.profile import Profile
from simulator.rng import Rng

KINDS = (Kind.BATTERY, Kind.HEARTBEAT, Kind.MOVE)
"""What idle units tell of their own accord; each has a row in `next_s`."""

Slots = NDArray[np.intp]


class State:
    """Room for units of one model by their numbers; who is away has nothing to report."""

    def __init__(self, profile: Profile, numbers: Sequence[int], rng: Rng) -> None:
        size = len(numbers)
        identity = profile.identity
        self._rng = rng
        serials = map(identity.serial_of, numbers)
        self.device_ids = [identity.device_id.derive(serial) for serial in serials]
        self.numbers = np.array(numbers, np.uint64)
        self.keys: Keys = device_keys(profile.name, self.numbers)
        self.schedule: Keys = stream_keys(rng, self.keys, "schedule")
        self.next_s: Floats = np.full((len(KINDS), size), np.inf)
        self.drawn: Counts = np.zeros(size, np.uint32)
        self.noise: Counts = np.zeros(size, np.uint32)
        self.air: Counts = np.zeros(size, np.uint32)
        self.left_mas: Floats = np.zeros(size)
        self.since_s: Floats = np.zeros(size)
        self.last_s: Floats = np.full(size, -np.inf)
        self.sequence: Counts = np.zeros(size, np.uint32)
        self.radio_s: Floats = np.zeros((2, size))
        self.quota = np.zeros((3, size), np.uint16)
        self.told = np.zeros((2, size), bool)
        self.homes: Floats = np.zeros((3, size))  # latitude, longitude, and `Spots.narrow`
        self.is_here = np.zeros(size, bool)
        self.presses: dict[int, int] = {}  # counted by the unit, where there were any

    def streams(self, slots: Slots, purpose: str) -> Keys:
        """Return the keys of the streams of units for a purpose."""
        return stream_keys(self._rng, self.keys[slots], purpose)

    def home(self, slots: Slots) -> Spots:
        """Return where units are at home."""
        return Spots(*self.homes[:, slots])

    def earliest_s(self, slots: Slots | slice) -> Floats:
        """Return when each unit is due next."""
        earliest: Floats = self.next_s[:, slots].min(axis=0)
        return earliest

    def put(self, slot: int, idle: Idle, radio: Resting, home: tuple[float, float]) -> None:
        """Take an idle unit in."""
        self.next_s[:, slot] = np.inf
        for at_s, kind in idle.reports:
            self.next_s[KINDS.index(kind), slot] = at_s
        self.drawn[slot], self.noise[slot], self.air[slot] = idle.drawn, idle.noise, radio.drawn
        self.left_mas[slot], self.since_s[slot] = idle.left_mas, idle.since_s
        self.last_s[slot], self.sequence[slot] = idle.last_s, idle.sequence
        self.told[:, slot] = idle.told_low, idle.told_last
        place = spots(np.array([home[0]]), np.array([home[1]]))
        self.homes[:, slot] = [column[0] for column in place]
        self.rest(slot, radio)
        if idle.press_count:
            self.presses[slot] = idle.press_count
        self.is_here[slot] = True

    def take(self, slot: int) -> Idle:
        """Give an idle unit away."""
        times = self.next_s[:, slot].tolist()
        reports = [(at_s, kind) for at_s, kind in zip(times, KINDS, strict=True) if at_s < np.inf]
        idle = Idle(
            reports=sorted(reports),
            drawn=int(self.drawn[slot]),
            noise=int(self.noise[slot]),
            left_mas=float(self.left_mas[slot]),
            since_s=float(self.since_s[slot]),
            sequence=int(self.sequence[slot]),
            last_s=float(self.last_s[slot]),
            press_count=self.presses.get(slot, 0),
            told_low=bool(self.told[0, slot]),
            told_last=bool(self.told[1, slot]),
        )
        self.drop(slot)
        return idle

    def drop(self, slot: int) -> None:
        """Let go of a unit."""
        self.next_s[:, slot] = np.inf
        self.is_here[slot] = False
        self.presses.pop(slot, None)

    def rest(self, slot: int, radio: Resting) -> None:
        """Keep what is left of a radio."""
        self.air[slot] = radio.drawn
        self.radio_s[:, slot] = radio.first_s, radio.second_s
        self.quota[:, slot] = radio.day, radio.sent, radio.heard

    def resting(self, slot: int) -> Resting:
        """Return what is left of a radio."""
        first_s, second_s = self.radio_s[:, slot].tolist()
        return Resting(int(self.air[slot]), first_s, second_s, *self.quota[:, slot].tolist())

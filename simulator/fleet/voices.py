"""What idle units say when they wake: facts, bytes, battery and radio, for many at a time.

Radios that are all alike are asked together; of the others, which remember air time, quotas or
windows, one is lent to each unit for as long as it sends.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.device import Line, Position, Radio, Speech
from simulator.device.reckoning import Moments, facts, fixes, level_pct
from simulator.device.speech import NO_RADIO
from simulator.device.walks import Walks
from simulator.draws import Floats, picked
from simulator.fleet.batch import Batch
from simulator.fleet.state import KINDS, Slots, State
from simulator.fleet.unit import Unit
from simulator.frame import Frame
from simulator.link import Passage
from simulator.link.idle import resting, rouse
from simulator.link.many import DRAWS, Passages, is_alike, send_many, together
from simulator.profile import POSITION
from simulator.rng import Stream


class Voices:
    """Speaks for the units of a crowd. `lent` is a unit of the model whose radio can be lent."""

    def __init__(self, state: State, lent: Unit, speech: Speech, epoch_s: float) -> None:
        self._state = state
        self._link = lent.link
        self._speech = speech
        self._profile = speech.profile
        self._epoch_s = epoch_s
        self._battery = lent.firmware.battery
        self._lines = [speech.line(kind) for kind in KINDS]
        radio = lent.firmware.radio
        self._has_own_radio = radio is not NO_RADIO

    def walks(self, slots: Slots, at_s: Floats) -> Walks:
        """Return where units are on their ways, each at a time of its own."""
        state, motion = self._state, self._profile.motion
        return Walks(motion, state.home(slots), state.streams(slots, "walk"), at_s)

    def wake(
        self, slots: Slots, kinds: NDArray[np.intp], at_s: Floats, walks: Walks
    ) -> list[Batch]:
        """Let units wake, and say what each wakes for; those of kind -1 say nothing."""
        state = self._state
        slept_mas = (at_s - state.since_s[slots]) * self._battery.idle_ma
        state.left_mas[slots] -= slept_mas
        state.since_s[slots] = at_s
        where, is_moving = walks.at(), walks.is_moving
        batches = []
        for kind, line in enumerate(self._lines):
            rows = np.flatnonzero(kinds == kind)
            if rows.size and line is not None:
                place = where[0][rows], where[1][rows]
                batches.append(self._say(line, slots[rows], at_s[rows], place, is_moving[rows]))
        return batches

    def _say(
        self,
        line: Line,
        slots: Slots,
        at_s: Floats,
        where: tuple[Floats, Floats],
        is_moving: NDArray[np.bool_],
    ) -> Batch:
        """Let units say a line: what it costs them, its bytes, and what becomes of it."""
        state, model = self._state, self._profile.battery
        left_mas, full_mas = state.left_mas[slots], self._battery.full_mas
        moments = Moments(
            profile=self._profile,
            numbers=state.numbers[slots].tolist(),
            device_ids=picked(state.device_ids, slots),
            at_s=at_s,
            epoch_s=self._epoch_s,
            level_pct=level_pct(full_mas, left_mas),
            is_moving=is_moving,
            sequence=state.sequence[slots].tolist(),
            presses=[state.presses.get(slot, 0) for slot in slots.tolist()],
        )
        known = facts(moments, line.facts)
        if line.facts & POSITION:
            left_mas = left_mas - model.fix_mas
            noise = state.noise[slots]
            known |= fixes(self._profile, where, state.streams(slots, "gps"), noise)
            state.noise[slots] = noise + np.uint32(4)
        radios = self._radios(moments)
        left_mas = left_mas - model.frame_mas
        batch = Batch(
            line=line,
            at_s=at_s,
            slots=slots,
            names=[f"{self._profile.name}/{number}" for number in moments.numbers],
            addresses=[radio.address for radio in radios],
            sequence=moments.sequence,
            payloads=line.payloads(known, radios),
            level_pct=level_pct(full_mas, left_mas),
            latitude=where[0],
            longitude=where[1],
            passages=together([]),
        )
        batch.passages = self._send(batch)
        state.left_mas[slots] = left_mas - model.air_ma * batch.passages.air_s
        state.sequence[slots] += np.uint32(1)
        state.last_s[slots] = at_s
        return batch

    def _radios(self, moments: Moments) -> Sequence[Radio]:
        if not self._has_own_radio:
            return [NO_RADIO] * len(moments.numbers)
        told = zip(moments.serials, moments.numbers, strict=True)
        return [self._speech.radio(serial, number) for serial, number in told]

    def _send(self, batch: Batch) -> Passages:
        state, slots = self._state, batch.slots
        if is_alike(self._link):
            drawn = state.air[slots]
            state.air[slots] = drawn + np.uint32(DRAWS)
            radio = self._profile.link
            return send_many(radio, state.streams(slots, "air"), drawn, batch.at_s)  # type: ignore[arg-type]  # alike
        places = zip(batch.latitude.tolist(), batch.longitude.tolist(), strict=True)
        frames = (batch.frame(row) for row in range(len(batch)))
        each = zip(slots.tolist(), frames, places, strict=True)
        return together([self._lend(slot, frame, Position(*place)) for slot, frame, place in each])

    def _lend(self, slot: int, frame: Frame, where: Position) -> Passage:
        """Let a unit send a frame with the radio of the crowd."""
        state, link = self._state, self._link
        key = int(state.streams(np.array([slot]), "air")[0])
        link._air = Stream(key)  # type: ignore[attr-defined]  # plain
        rouse(link, state.resting(slot))  # type: ignore[arg-type]  # a plain radio
        passage = link.send(frame.at_s, frame, where)
        radio = resting(link)
        assert radio is not None  # noqa: S101 - no frame of a crowd asks for an answer
        state.rest(slot, radio)
        return passage

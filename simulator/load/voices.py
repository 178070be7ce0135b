"""What the devices of a native load test say: the frames of their models, one after the other."""

from collections.abc import Iterable, Mapping

from simulator.device import Firmware, Place, Speech
from simulator.device.facts import counted, facts_of
from simulator.errors import InputError
from simulator.frame import Frame, Kind
from simulator.load.schedule import BATTERY, KINDS, PRESS
from simulator.native.addresses import address_of
from simulator.native.parcel import Caller, Carrier, Parcel
from simulator.native.uplink import Uplink
from simulator.profile import CellularLink, DirectLink, Profile, codec_of
from simulator.rng import Rng


class Voice:
    """One device: its firmware, and how many frames it has said. Slotted and mutable."""

    __slots__ = ("caller", "firmware", "said")

    def __init__(self, firmware: Firmware, caller: Caller) -> None:
        self.firmware = firmware
        self.caller = caller
        self.said = 0


class Voices:
    """All devices of a mix, made when they first speak; `epoch_s` is the time of day at 0."""

    def __init__(self, mix: list[tuple[Profile, int]], seed: int, epoch_s: float) -> None:
        self._rng = Rng(seed)
        self._epoch_s = epoch_s
        self._place = Place()
        self._speeches = [Speech(profile) for profile, _ in mix]
        self._ends: list[int] = []
        for _, count in mix:
            self._ends.append(count + (self._ends[-1] if self._ends else 0))
        self._voices: dict[int, Voice] = {}
        self._speaking: set[int] = set()
        self._codes = [_codes(speech) for speech in self._speeches]

    @property
    def spoken(self) -> int:
        """Return how many devices have spoken so far."""
        return len(self._speaking)

    def gather(self, devices: Iterable[int]) -> None:
        """Make devices ahead of their first word."""
        for device in devices:
            self._voice(device, self._model(device))

    def carrier(self, device: int, carriers: Mapping[str, Carrier]) -> Carrier:
        """Return what carries the frames of a device."""
        return carriers[self._speeches[self._model(device)].profile.name]

    def say(self, device: int, code: int, now_s: float) -> tuple[Parcel, int]:
        """Return the next frame of a device, at a run time, and the kind that it is."""
        model = self._model(device)
        code = self._codes[model][code]
        voice = self._voice(device, model)
        self._speaking.add(device)
        voice.said += 1
        frame = self._frame(voice, self._speeches[model], KINDS[code], now_s)
        parcel = Parcel(
            f"{frame.device}:{voice.said}:{frame.kind}",
            frame,
            self._uplink(voice.firmware, frame, now_s),
            voice.caller,
        )
        return parcel, code

    def login(self, device: int, now_s: float) -> Parcel | None:
        """Return the frame by which a device says who it is, once and where its model has one."""
        model = self._model(device)
        voice = self._voices[device]
        if voice.said != 1 or self._speeches[model].line(Kind.LOGIN) is None:
            return None
        frame = self._frame(voice, self._speeches[model], Kind.LOGIN, now_s, sequence=0)
        uplink = self._uplink(voice.firmware, frame, now_s)
        return Parcel(f"{frame.device}:login", frame, uplink, voice.caller)

    def _voice(self, device: int, model: int) -> Voice:
        voice = self._voices.get(device)
        if voice is None:
            voice = self._voices[device] = self._made(device, model)
        return voice

    def _frame(
        self, voice: Voice, speech: Speech, kind: Kind, now_s: float, sequence: int | None = None
    ) -> Frame:
        firmware = voice.firmware
        number = voice.said if sequence is None else sequence
        line = speech.line(kind)
        assert line is not None  # noqa: S101 - `_codes` names only what has a line
        facts = facts_of(firmware, now_s, line.facts, "")
        sent_s = self._epoch_s + now_s
        payload = line.payload(facts | counted(number, sent_s, line.counts), firmware.radio)
        return Frame(
            firmware.name,
            number,
            kind,
            payload,
            now_s,
            press=f"{firmware.name}#{number}" if kind is Kind.PRESS else None,
            port=line.port,
            address=firmware.radio.address,
            asks_reply=line.asks_reply,
        )

    def _uplink(self, firmware: Firmware, frame: Frame, now_s: float) -> Uplink:
        profile = firmware.profile
        return Uplink(
            address=address_of(profile, firmware.serial),
            payload=frame.payload,
            sequence=frame.sequence,
            received_s=self._epoch_s + now_s,
            port=frame.port,
            model=profile.name,
            asks_reply=frame.asks_reply,
        )

    def _made(self, device: int, model: int) -> Voice:
        speech = self._speeches[model]
        before = self._ends[model - 1] if model else 0
        firmware = Firmware(
            speech, device - before + 1, self._rng, place=self._place, epoch_s=self._epoch_s
        )
        profile, radio = speech.profile, firmware.radio
        caller = Caller(
            device=firmware.name,
            codec=codec_of(profile),
            key=radio.key,
            login=lambda: _login(firmware, speech),
            chance=self._rng.stream(firmware.key, "line"),
            epoch_s=lambda: self._epoch_s,
        )
        return Voice(firmware, caller)

    def _model(self, device: int) -> int:
        return next(at for at, end in enumerate(self._ends) if device < end)


def _login(firmware: Firmware, speech: Speech) -> bytes | None:
    """Return the frame with which a tracker begins a connection, if its model has one."""
    line = speech.line(Kind.LOGIN)
    if line is None or not isinstance(speech.profile.link, CellularLink | DirectLink):
        return None
    facts = facts_of(firmware, 0.0, line.facts, "") | counted(0, firmware.epoch_s, line.counts)
    return line.payload(facts, firmware.radio)


def _codes(speech: Speech) -> list[int]:
    """Return for each kind what the model says in its place: itself, a report, or a press."""
    known = [code for code, kind in enumerate(KINDS) if speech.line(kind) is not None]
    if not known:
        message = f"A {speech.profile.name} says nothing that a load test could send."
        raise InputError(message)
    usual = next(code for code in (BATTERY, 1, PRESS, *known) if code in known)
    return [code if code in known else usual for code in range(len(KINDS))]

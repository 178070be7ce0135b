"""A small builder of journals: the records of a run, written by hand in the words of the story."""

from simulator.journal import (
    FORMAT,
    Answered,
    CalloutClosed,
    DeviceLinked,
    EventSent,
    Failed,
    FrameSent,
    OnAir,
    Pressed,
    Received,
    Record,
    Regretted,
    RunEnded,
    RunStarted,
    Silent,
    Unfinished,
)

BUTTON = "milesight-ws101/1"


class Telling:
    """Writes records; the clock `t` goes on by itself, a tenth of a second a record."""

    def __init__(self) -> None:
        self.t = 0.0
        self.records: list[Record] = []
        self._seq: dict[str, int] = {}
        self._presses: dict[str, int] = {}

    def tell(self, record: Record) -> None:
        """Add any record."""
        self.records.append(record)
        self.t = round(self.t + 0.1, 6)

    def begin(self, tier: str = "sandbox") -> "Telling":
        """Begin a run of a day."""
        self.tell(
            RunStarted(
                t=self.t,
                format=FORMAT,
                version="0.1.0",
                seed=7,
                clock="virtual",
                target=tier,
                tier=tier,
                started="2026-06-10T00:00:00Z",
                for_s=86400.0,
                mix={"milesight-ws101": 1},
            )
        )
        return self

    def link(self, device: str = BUTTON, customer: int = 1, lat: float = -26.1) -> None:
        """Link a device to a customer."""
        name, number = device.rsplit("/", 1)
        self.tell(
            DeviceLinked(
                t=self.t,
                device=device,
                profile=name,
                serial=f"S{number}",
                device_id=f"D{number}",
                customer=customer,
                latitude=lat,
                longitude=28.05 + int(number) / 1000,
            )
        )

    def press(self, device: str = BUTTON, gesture: str = "long") -> str:
        """Let a person press; return the name of the press."""
        self._presses[device] = self._presses.get(device, 0) + 1
        press = f"{device}#{self._presses[device]}"
        self.tell(Pressed(t=self.t, press=press, device=device, gesture=gesture))
        return press

    def regret(self, press: str, by: str = "native") -> None:
        """Let the person take the press back."""
        self.tell(Regretted(t=self.t, press=press, device=_device(press), by=by))

    def silent(self, press: str, reason: str = "battery empty") -> None:
        """Let the device say nothing."""
        self.tell(Silent(t=self.t, press=press, device=_device(press), reason=reason))

    def frame(
        self,
        press: str | None = None,
        kind: str = "press",
        *,
        device: str | None = None,
        seq: int | None = None,
        attempt: int = 1,
    ) -> int:
        """Send a frame; return its sequence number."""
        who = device or (_device(press) if press else BUTTON)
        if seq is None:
            seq = self._seq.get(who, -1) + 1
        self._seq[who] = seq
        self.tell(
            FrameSent(
                t=self.t,
                device=who,
                seq=seq,
                kind=kind,
                hex="017551ff2e02",
                press=press,
                port=85,
                attempt=attempt,
                battery=80,
                latitude=-26.1,
                longitude=28.05,
            )
        )
        return seq

    def air(self, press: str | None, seq: int, *, copies: int = 1, lost: str | None = None) -> None:
        """Say what the air does with a frame."""
        copies = 0 if lost else copies
        device = _device(press) if press else BUTTON
        record = OnAir(t=self.t, device=device, seq=seq, press=press, copies=copies, lost=lost)
        self.tell(record)

    def receive(self, press: str | None, seq: int, *means: str, dropped: str | None = None) -> None:
        """Let a frame arrive at the gateway; it means a press unless told otherwise."""
        device = _device(press) if press else BUTTON
        meaning = [] if dropped else list(means or ("press",))
        self.tell(
            Received(t=self.t, device=device, seq=seq, press=press, means=meaning, dropped=dropped)
        )

    def ask(
        self,
        press: str | None,
        kind: str = "press",
        *,
        seq: int | None = None,
        device: str | None = None,
    ) -> str:
        """Send an event to AURA; return the name of the message."""
        who = device or (_device(press) if press else BUTTON)
        message = f"{who}:{seq}:{kind}"
        self.tell(EventSent(t=self.t, device=who, message=message, kind=kind, press=press, seq=seq))
        return message

    def answer(
        self,
        press: str | None,
        callout: int | None = None,
        kind: str = "press",
        *,
        seq: int | None = None,
        status: int = 200,
        attempts: int = 1,
        device: str | None = None,
    ) -> None:
        """Let AURA answer."""
        who = device or (_device(press) if press else BUTTON)
        self.tell(
            Answered(
                t=self.t,
                device=who,
                message=f"{who}:{seq}:{kind}",
                kind=kind,
                status=status,
                press=press,
                callout=callout,
                attempts=attempts,
            )
        )

    def fail(
        self,
        press: str | None,
        reason: str,
        kind: str = "press",
        *,
        seq: int | None = None,
        status: int | None = None,
        attempts: int = 1,
    ) -> None:
        """Let a message fail for good."""
        who = _device(press) if press else BUTTON
        self.tell(
            Failed(
                t=self.t,
                device=who,
                message=f"{who}:{seq}:{kind}",
                kind=kind,
                reason=reason,
                status=status,
                press=press,
                attempts=attempts,
            )
        )

    def arrive(self, press: str, *, attempt: int = 1, seq: int | None = None) -> int:
        """Bring a press to the gateway: frame, air, arrival."""
        seq = self.frame(press, attempt=attempt, seq=seq)
        self.air(press, seq)
        self.receive(press, seq)
        return seq

    def told(self, press: str, callout: int | None, *, seq: int = 0, attempts: int = 1) -> None:
        """Tell AURA of a press and have the answer."""
        self.ask(press, seq=seq)
        self.answer(press, callout, seq=seq, attempts=attempts)

    def deliver(self, press: str, callout: int) -> int:
        """Bring a press all the way to a callout."""
        seq = self.arrive(press)
        self.told(press, callout, seq=seq)
        return seq

    def cancel(self, press: str, callout: int, by: str = "native") -> None:
        """Take a press back and have AURA confirm it."""
        self.regret(press, by)
        seq: int | None = None
        if by == "native":
            seq = self.frame(press, "cancel")
            self.air(press, seq)
            self.receive(press, seq, "cancel")
        self.ask(press, "cancel", seq=seq)
        self.answer(press, callout, "cancel", seq=seq)
        self.close(callout, _device(press))

    def close(self, callout: int, device: str = BUTTON, by: str = "cancel") -> None:
        """Let a callout end."""
        self.tell(CalloutClosed(t=self.t, device=device, callout=callout, by=by))

    def leave(self, press: str, where: str) -> None:
        """Let the run end while the press is on its way."""
        self.tell(Unfinished(t=self.t, press=press, device=_device(press), where=where))

    def end(self, reason: str = "finished") -> list[Record]:
        """End the run and return all records."""
        self.tell(RunEnded(t=self.t, reason=reason))
        return self.records


def _device(press: str) -> str:
    return press.rsplit("#", 1)[0]

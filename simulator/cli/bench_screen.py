"""What `bench listen` and `bench capture` print of a device, for people or as JSON lines."""

import click
import msgspec

from simulator.bench.ear import EarCounts, HeardFrame
from simulator.bench.links import Chunk, LinkDown
from simulator.bench.listening import Listener
from simulator.bench.recognising import BlindEvent, BlindListener, Recognised
from simulator.bench.suspicion import Finding, Suspicion
from simulator.clock import monotonic_s

_INDENT = " " * 11


class Screen:
    """Prints what happens. Repetitions are counted, and told when something else is heard."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._repeated = 0
        self._began_s = monotonic_s()

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self._as_json:
            click.echo(text)

    def show(self, event: BlindEvent) -> None:
        """Print what happened."""
        t = event.at_s - self._began_s
        if self._as_json:
            told = _told(event)
            if told:
                _print({"t": round(t, 4), **told})
        elif isinstance(event, HeardFrame) and event.is_repetition:
            self._repeated += 1
        else:
            self._tell_repeated()
            click.echo(f"{t:9.3f}  {_words(event)}")

    def end(self, listener: Listener | BlindListener, suspicion: Suspicion) -> None:
        """Print what was heard in all, and what it may be."""
        ears = listener.ears if isinstance(listener, BlindListener) else [listener.ear]
        counts = listener.counts if isinstance(listener, BlindListener) else listener.ear.counts
        pending = sum(ear.pending_bytes > 0 for ear in ears)
        if self._as_json:
            _print(_totals(listener, counts, pending, suspicion))
            return
        self._tell_repeated()
        link = listener.link.counts
        click.echo(
            f"{counts.frames} frames, {counts.repetitions} repetitions, {counts.unreadable} "
            f"unreadable, {counts.garbage_bytes} bytes of garbage of {link.received_bytes}, "
            f"link lost {link.losses} times, {link.overflow_bytes} bytes overflowed"
        )
        if isinstance(listener, BlindListener):
            click.echo(suspicion.sentence())
        elif suspicion.finding is not Finding.AS_EXPECTED:
            click.echo(suspicion.sentence(listener.ear.profile.name))

    def _tell_repeated(self) -> None:
        if self._repeated:
            times = "once" if self._repeated == 1 else f"{self._repeated} times"
            click.echo(f"{_INDENT}repeated {times}")
        self._repeated = 0


def _words(event: BlindEvent) -> str:
    match event:
        case HeardFrame():
            means = ", ".join(event.kinds) or event.dropped or "nothing AURA hears of"
            by = f", from {_colons(event.address)}" if event.address else ""
            values = ", ".join(f"{key} {value}" for key, value in event.values.items())
            lines = [f"{means}{by}", event.payload.hex(), values]
            return f"\n{_INDENT}".join(line for line in lines if line)
        case Chunk():
            by = f"  from {event.address}, {event.channel}" if event.is_whole else ""
            return f"{event.data.hex()}{by}"
        case Recognised():
            return f"{event.source}: {event.suspicion.sentence()}"
        case LinkDown():
            return f"link lost: {event.detail}"
    return "link is there"


def _told(event: BlindEvent) -> dict[str, object]:
    match event:
        case HeardFrame():
            return {
                "hex": event.payload.hex(),
                "means": [kind.value for kind in event.kinds],
                "values": dict(event.values),
                "dropped": event.dropped,
                "address": event.address,
            }
        case Chunk():
            return {"raw": event.data.hex(), "address": event.address, "channel": event.channel}
        case Recognised():
            return {
                "recognised": event.profile,
                "also": list(event.suspicion.profiles[1:]),
                "share": round(event.suspicion.share, 3),
                "source": event.source,
            }
    return {}


def _totals(
    listener: Listener | BlindListener, counts: EarCounts, pending: int, suspicion: Suspicion
) -> dict[str, object]:
    link, finding = listener.link.counts, suspicion.finding.value
    if isinstance(listener, BlindListener) and suspicion.finding is Finding.OTHER_PROTOCOL:
        finding = "recognised"
    return {
        "frames": counts.frames,
        "unreadable": counts.unreadable,
        "repetitions": counts.repetitions,
        "garbage_bytes": counts.garbage_bytes,
        "half_frames": counts.half_frames + pending,
        "received_bytes": link.received_bytes,
        "overflow_bytes": link.overflow_bytes,
        "losses": link.losses,
        "finding": finding,
        "likelier": list(suspicion.profiles),
    }


def _colons(address: str) -> str:
    return ":".join(address[at : at + 2] for at in range(0, len(address), 2))


def _print(table: dict[str, object]) -> None:
    click.echo(msgspec.json.encode(table).decode())

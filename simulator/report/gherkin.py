"""A run as Gherkin: the stories of its presses, with the steps of the library, ready to be played.

A scenario has links without loss and full batteries, so what went wrong on the way is said in words
before it happens. What no step can say is named in a comment, and not claimed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.journal import Record, read_journal
from simulator.profile import ProfileError, load
from simulator.report.account import account
from simulator.report.entries import LedgerEntry, Outcome, Place
from simulator.report.ledger import Ledger, Verdict
from simulator.report.tale import Deed, Tales
from simulator.report.words import count

_PLAIN = re.compile(r"[\w ./+:-]+")
_ORDINALS = ("first", "second", "third")
_SETTLE_S = 120.0  # at the end, for what is still on its way
_SPAN_S = 900.0  # without coverage, where no frame got through
_UNSAYABLE = {
    Place.QUOTA: "the radio had no right to send",
    Place.GATEWAY: "the gateway could not read it",
    Place.RUN_ENDED: "the run ended before it did",
    Place.JOURNAL_ENDED: "the journal ends before it does",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """The text of a feature file, how many scenarios it has, and what could not be told."""

    text: str
    scenarios: int
    left_out: tuple[str, ...]


def feature_of(run: Path, *, presses: Sequence[str] = (), limit: int = 20) -> Feature:
    """Write the stories of a run: those of chosen presses, or one of each kind, up to a limit."""
    ledger = account(run)
    chosen, left_out = _choose(ledger, presses, limit)
    tales = _told(read_journal(run), {entry.device for story in chosen for entry in story})
    scenarios: list[list[str]] = []
    numbers = {entry.press: at for at, entry in enumerate(ledger.entries, 1)}
    for story in chosen:
        reason = _unsayable(story, tales)
        if reason:
            left_out.append(f"{story[-1].press}: {reason}")
        else:
            scenarios.append(_scenario(_title(story, numbers[story[0].press]), tales, story))
    return _feature(ledger, scenarios, left_out)


def scenario_of(records: Iterable[Record], devices: Sequence[str], ledger: Ledger) -> Feature:
    """Write all that happened to some devices as one scenario, such as the smallest that fails."""
    tales = _told(records, devices)
    story = [entry for entry in ledger.entries if entry.device in set(devices)]
    title = f"{count(len(devices), 'device')} and {count(len(story), 'press', 'presses')}"
    is_good = ledger.verdict is Verdict.PASSED
    return _feature(ledger, [_scenario(title, tales, story, is_whole=True, is_good=is_good)], [])


def _told(records: Iterable[Record], devices: Iterable[str]) -> Tales:
    tales = Tales(devices)
    for record in records:
        tales.add(record)
    return tales


def _choose(
    ledger: Ledger, presses: Sequence[str], limit: int
) -> tuple[list[list[LedgerEntry]], list[str]]:
    """Return the stories to tell: the presses of a device that shared a callout are one."""
    stories: dict[tuple[str, object], list[LedgerEntry]] = {}
    for entry in ledger.entries:
        key = entry.callout if entry.callout is not None else entry.press
        stories.setdefault((entry.device, key), []).append(entry)
    if presses:
        wanted = set(presses)
        found = [story for story in stories.values() if wanted & {e.press for e in story}]
        unknown = wanted - {entry.press for story in found for entry in story}
        return found, [f"{name}: there is no such press" for name in sorted(unknown)]
    kinds: dict[object, list[LedgerEntry]] = {}
    for story in stories.values():
        kinds.setdefault(tuple(map(_kind, story)), story)
    rest = len(kinds) - limit
    left_out = [f"{count(rest, 'more kind')} of stories; say --limit"] if rest > 0 else []
    return list(kinds.values())[:limit], left_out


def _kind(entry: LedgerEntry) -> object:
    model = entry.device.rsplit("/", 1)[0]
    return model, entry.outcome, entry.where, entry.regretted, entry.attempts


def _unsayable(story: Sequence[LedgerEntry], tales: Tales) -> str | None:
    for entry in story:
        if entry.device not in tales.profiles:
            return "its device is not in the journal"
        try:
            load(tales.profiles[entry.device])
        except ProfileError:
            return f"there is no profile '{tales.profiles[entry.device]}'"
        if entry.where in _UNSAYABLE:
            return f"{_UNSAYABLE[entry.where]}, and no step says so"
        if entry.outcome is Outcome.CANCELLED and entry.callout is None:
            return "it was taken back together with another press, and no step says so"
        if entry.where is Place.DEVICE and entry.detail != "battery empty":
            return f"{entry.detail}, and no step says so"
    return None


def _scenario(
    title: str,
    tales: Tales,
    story: Sequence[LedgerEntry],
    *,
    is_whole: bool = False,
    is_good: bool = True,
) -> list[str]:
    """Return the lines of one scenario. What became of the presses is said of good runs only."""
    deeds = _deeds(tales, story, is_whole=is_whole)
    names = _names(dict.fromkeys(deed.device for deed in deeds))
    lines = [f"  Scenario: {title}"]
    for at, (device, name) in enumerate(names.items()):
        lines.append(f"    {'And' if at else 'Given'} a linked {tales.profiles[device]} {name}")
    delivered = {entry.press for entry in story if entry.callout is not None}
    for deed in deeds:
        deed.arrived = deed.arrived or deed.press in delivered
    lines += _played(deeds, names)
    lines.append(f"    And {_seconds(_SETTLE_S)} pass")
    lines.append("    Then every press is accounted for")
    for outcome in Outcome:
        number = sum(entry.outcome is outcome for entry in story)
        if number and is_good and not outcome.is_failure:
            noun = "press" if number == 1 else "presses"
            lines.append(f'    And the ledger has {number} {noun} "{outcome.value}"')
    return lines


def _deeds(tales: Tales, story: Sequence[LedgerEntry], *, is_whole: bool) -> list[Deed]:
    """Return what is to be played: what the people did, and the ends of callouts between."""
    presses = {entry.press for entry in story}
    callouts = {entry.callout for entry in story}
    last_s = max((deed.at_s for deed in tales.deeds if deed.press in presses), default=0.0)
    return [
        deed
        for deed in tales.deeds
        if deed.press in presses
        or (
            deed.what == "close" and (is_whole or (deed.callout in callouts and deed.at_s < last_s))
        )
    ]


def _played(deeds: Sequence[Deed], names: dict[str, str]) -> Iterator[str]:
    """Yield the deeds as steps, with the time between them."""
    now_s: float | None = None
    seen: list[int] = []
    word = "When"
    for deed in deeds:
        if now_s is not None and deed.at_s - now_s >= 0.001:
            yield f"    {word} {_seconds(deed.at_s - now_s)} pass"
            word = "And"
        now_s = deed.at_s
        for step in _steps(deed, names[deed.device], seen):
            yield f"    {word} {step}"
            word = "And"


def _steps(deed: Deed, name: str, seen: list[int]) -> Iterator[str]:
    if deed.what == "close":
        if deed.callout is not None and deed.callout not in seen:
            seen.append(deed.callout)
        at = len(seen) - 1
        which = _ORDINALS[at] if at < len(_ORDINALS) else "last"
        yield f"the control room closes the {which} callout"
        return
    if deed.silence == "battery empty":
        yield f"the battery of {name} falls to 0 %"
    elif deed.lost and not deed.arrived:
        yield f"{name} has no coverage for {_seconds(_SPAN_S)}"
    elif deed.lost:
        frames = "frame" if deed.lost == 1 else f"{deed.lost} frames"
        yield f"the next {frames} of {name} {'is' if deed.lost == 1 else 'are'} lost"
    if deed.refused:
        yield _refusal(deed.refused)
    if deed.what == "cancel":
        yield f"the person takes the press of {name} back"
    else:
        yield f'the person uses the gesture "{deed.gesture}" of {name}'


def _refusal(answers: Sequence[int | None]) -> str:
    status = next((answer for answer in answers if answer is not None), None)
    if status is None:
        return f"AURA is unreachable for {_seconds(5.0)}"
    requests = "request" if len(answers) == 1 else f"{len(answers)} requests"
    return f"AURA answers {status} to the next {requests}"


def _names(devices: Iterable[str]) -> dict[str, str]:
    """Return what the devices are called: as in the run, unless that cannot be written."""
    names = {}
    for at, device in enumerate(devices, 1):
        names[device] = f'"{device}"' if _PLAIN.fullmatch(device) else f'"device {at}"'
    return names


def _title(story: Sequence[LedgerEntry], at: int) -> str:
    model = story[0].device.rsplit("/", 1)[0]
    told = [f"{entry.outcome}{f' in the {entry.where}' if entry.where else ''}" for entry in story]
    shown = model if _PLAIN.fullmatch(model) else "A device"
    return f"{shown}: {', then '.join(told)} (press {at})"


def _feature(ledger: Ledger, scenarios: list[list[str]], left_out: Sequence[str]) -> Feature:
    started = ledger.started
    lines = ["# Written by aurasim export from the journal of a run; edit it as you like."]
    plant = started.settings.get("plant") if started else None
    if plant:
        lines.append(
            f"# AURA was broken on purpose: play it with --aura-mutant {_comment(str(plant))}"
        )
    lines += [f"# Not told: {_comment(reason)}" for reason in left_out]
    lines += ["@sandbox", "Feature: What happened in a run"]
    if started:
        lines.append(f"  Seed {started.seed}, {started.clock} time, from {started.started} on.")
    for scenario in scenarios:
        lines += ["", *scenario]
    return Feature("\n".join(lines) + "\n", len(scenarios), tuple(left_out))


def _comment(text: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def _seconds(seconds: float) -> str:
    text = f"{seconds:.3f}".rstrip("0").rstrip(".")
    return f"{text} second{'' if text == '1' else 's'}"

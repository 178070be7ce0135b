"""The ledger: what became of every press, and the promises that hold in every run."""

from collections import Counter

from simulator.bdd.declare import expectation
from simulator.bdd.expectation import Finding
from simulator.bdd.mistakes import unknown
from simulator.bdd.scene import Scene
from simulator.journal import RunEnded
from simulator.report import Ledger, Outcome, ledger_of


@expectation("every press is accounted for")
def accounted(scene: Scene) -> Finding:
    """Let the ledger judge: no press unexplained or doubled, no promise broken."""
    ledger = _ledger(scene)
    wrong = [f"{e.press} {e.outcome}" for e in ledger.entries if e.outcome in _BAD]
    wrong += [str(breach) for breach in ledger.breaches]
    return Finding(not wrong, "; ".join(wrong) or "all accounted for", "nothing to complain of")


@expectation("the ledger has {count} press[es] {outcome:text}")
def has_outcomes(scene: Scene, count: int, outcome: str) -> Finding:
    """Count presses by what became of them: delivered, merged, cancelled, lost, doubled, ..."""
    if outcome not in set(Outcome):
        raise unknown("outcome of a press", outcome, map(str, Outcome))
    found = Counter(str(entry.outcome) for entry in _ledger(scene).entries)
    seen = ", ".join(f"{n} {name}" for name, n in sorted(found.items())) or "no press"
    return Finding(found[outcome] == count, seen, f"{count} {outcome}")


@expectation("no promise is broken")
def no_breach(scene: Scene) -> Finding:
    """Check what must hold in every run: one open callout a customer, cancels of one's own, ..."""
    broken = [str(breach) for breach in _ledger(scene).breaches]
    return Finding(not broken, "; ".join(broken) or "none", "none")


_BAD = (Outcome.UNEXPLAINED, Outcome.DOUBLED)


def _ledger(scene: Scene) -> Ledger:
    ended = RunEnded(t=scene.env.now, reason="finished")
    return ledger_of([*scene.journal.records, ended])

"""The verdict as JUnit XML: one test case for each class of presses and for each promise."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.report.entries import LedgerEntry, Outcome
from simulator.report.ledger import Ledger, Verdict

_SHOWN = 20  # presses or breaches named in one test case
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(ledger: Ledger) -> str:
    """Return a JUnit report; a class fails when presses are in it that fail a run."""
    suites = Element("testsuites", name="aurasim")
    _suite(suites, "run", [_verdict(ledger)])
    _suite(suites, "presses", [_class(ledger, outcome) for outcome in Outcome])
    _suite(suites, "invariants", _promises(ledger))
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: Element, name: str, cases: list[Element]) -> None:
    failures = sum(case.find("failure") is not None for case in cases)
    errors = sum(case.find("error") is not None for case in cases)
    numbers = {"tests": len(cases), "failures": failures, "errors": errors}
    attributes = {key: str(number) for key, number in numbers.items()}
    suite = SubElement(suites, "testsuite", {"name": name} | attributes)
    for case in cases:
        case.set("classname", f"aurasim.{name}")
        suite.append(case)


def _verdict(ledger: Ledger) -> Element:
    case = Element("testcase", name="the run can be judged")
    if ledger.verdict is Verdict.VOID:
        reason = ledger.ended.reason if ledger.ended else "the journal has no last record"
        SubElement(case, "error", message=_clean(f"void: {reason}"))
    return case


def _class(ledger: Ledger, outcome: Outcome) -> Element:
    entries = [entry for entry in ledger.entries if entry.outcome is outcome]
    case = Element("testcase", name=f"{outcome.value} presses")
    text = _listing([_told(entry) for entry in entries])
    if entries and outcome.is_failure:
        SubElement(case, "failure", message=f"{len(entries)} presses").text = text
    elif outcome in (Outcome.LOST, Outcome.RETRIED) and entries:
        SubElement(case, "system-out").text = text
    return case


def _promises(ledger: Ledger) -> list[Element]:
    cases = []
    for promise, number in ledger.broken.items():
        case = Element("testcase", name=promise.value)
        if number:
            told = [str(breach) for breach in ledger.breaches if breach.invariant is promise]
            failure = SubElement(case, "failure", message=f"broken {number} times")
            failure.text = _listing(told, number)
        cases.append(case)
    return cases


def _told(entry: LedgerEntry) -> str:
    where = f" ({entry.where}: {entry.detail})" if entry.where else f" ({entry.detail})"
    return f"{entry.at_s:.3f} s  {entry.press}{where if entry.detail else ''}"


def _listing(lines: list[str], number: int | None = None) -> str:
    left_out = (number or len(lines)) - min(_SHOWN, len(lines))
    shown = lines[:_SHOWN] + ([f"and {left_out} more"] if left_out else [])
    return _clean("\n".join(shown))


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot say."""
    return _NO_XML.sub("\ufffd", text)

"""The step dictionary: every sentence there is, as a list and as a page."""

from collections.abc import Iterator
from typing import TypedDict

from simulator.bdd.declare import StepDefinition, declared
from simulator.bdd.quantities import KINDS
from simulator.bdd.steps import TOPICS, load

_ROOM = "simulator.bdd.steps."


class StepEntry(TypedDict):
    """One step as a program reads it."""

    keyword: str
    sentence: str
    summary: str
    topic: str
    argument: str


def library() -> list[StepDefinition]:
    """Return the steps that ship, by topic."""
    load()
    ours = [one for one in declared() if one.function.__module__.startswith(_ROOM)]
    return sorted(ours, key=lambda one: TOPICS.index(one.topic))


def entries() -> list[StepEntry]:
    """Return the dictionary as plain values."""
    return [
        {
            "keyword": one.keyword,
            "sentence": one.sentence.name,
            "summary": one.summary,
            "topic": one.topic,
            "argument": one.argument,
        }
        for one in library()
    ]


def page() -> str:
    """Return the dictionary as a page."""
    return "\n".join([_HEAD, *_kinds(), *_topics()]) + "\n"


def _kinds() -> Iterator[str]:
    yield "\n## What stands in the braces\n"
    yield "| place | written for example | or |"
    yield "|---|---|---|"
    yield from (f"| `{{{n}}}` | {words.example} | {words.others} |" for n, words in KINDS.items())


def _topics() -> Iterator[str]:
    steps = library()
    for topic in TOPICS:
        mine = [one for one in steps if one.topic == topic]
        yield f"\n## {topic.capitalize()}\n"
        yield "| | step | what it does |"
        yield "|---|---|---|"
        yield from (_row(one) for one in mine)


def _row(step: StepDefinition) -> str:
    return (
        f"| {step.keyword} | `{step.sentence.name.replace('|', chr(92) + '|')}` | {step.summary} |"
    )


_HEAD = """\
# Step dictionary

Written by `aurasim steps page --write` from the step library; a test fails when it is out of date.

* `[...]` may be left out; `one/other` is either; `{name:kind}` is a place of that kind.
* `Given` and `When` take the same steps: they do something, and time passes only where they say so.
* `Then` looks. Every `Then` may end with `within 30 seconds`: it waits, on the clock of the run,
  until it is so; or with `for the next 5 minutes`: it must stay so. Before a table the colon comes
  last. Without either it must be so now.
* `the device`, `the customer` and `the callout` are the latest of their kind; others have names,
  `"hall"`. `every device` means all of them.
* Links are lossless and batteries full unless a step says otherwise, so that a scenario says all
  that happens in it. Delays, air time and duty cycles are those of the device's profile.
* In paths, tables and texts `{customer.id}`, `{device.serial}`, `{callout.id}`, `{hall.id}`,
  `{answer.callout.id}`, `{now + 2 hours}` and remembered names are filled in.
* Tables have the columns field and value. A value may also be: present, absent, null, a number,
  a text, a time, a list, an empty list, an object, `contains ...`, or `not ...` of any of these."""

"""Feature files: what a scenario costs through the plugin, and what virtual time is worth.

Each row is a pytest of its own, in a fresh process and a temporary folder, timed from its start to
its end.

`aurasim` plays the features on the sandbox. `plain` is pytest-bdd on the same files with one step
that does nothing, and without the plugin. Both also play the first scenario alone, which is what
starting costs; a further scenario is the rest by 99.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from measure import Result, in_turn, median, ratio

from simulator.clock import monotonic_s

SCENARIOS = 100
FILES = 10
ROUNDS = 3
CLOCK_ROUNDS = 2
SCALE = 1200  # two hours in six seconds
MODELS = (
    "Milesight WS101 panic button",
    "Eview EV07B wearable",
    "AURA structured device",
    "SimplePack Plus panic button",
    "Shelly BLU Button1",
)
EMPTY_STEPS = """\
from pytest_bdd import parsers, scenarios, step

@step(parsers.re(".*"))
def nothing():
    pass

scenarios(".")
"""
LONG = """\
Feature: Long
  Scenario: {hours} hours, a press and a battery report
    Given a linked AURA structured device
    When {hours} hours pass
    And the person presses the device
    Then the customer has 1 open callout within 2 minutes
    When the battery of the device falls to 12 %
    Then AURA knows the battery of the device at 12 % within 2 minutes
    And the presses of the device are answered with 1 callout
    And every press is accounted for
"""
CLOCKS = {
    "virtual": (2, "virtual"),
    "scaled": (2, f"scaled={SCALE}"),
    "virtual_day": (24, "virtual"),
}


def hours_of(number: int) -> int:
    """Return how many hours a scenario of the suite lasts: one to twelve."""
    return 1 + number % 12


def scenario(number: int) -> str:
    """Return one scenario of the suite."""
    return f"""\
  Scenario: Number {number}
    Given a linked {MODELS[number % len(MODELS)]}
    When {hours_of(number)} hours pass
    And the person presses the device
    Then the customer has 1 open callout within 2 minutes
    And the presses of the device are answered with 1 callout
    And every press is accounted for
"""


def write_suite(folder: Path, scenarios: int) -> None:
    """Write scenarios into feature files, ten a file."""
    each = SCENARIOS // FILES
    for first in range(0, scenarios, each):
        numbers = range(first, min(first + each, scenarios))
        text = f"Feature: File {first}\n" + "\n".join(map(scenario, numbers))
        (folder / f"file_{first:03}.feature").write_text(text)


def played(folder: Path, scenarios: int, *options: str) -> float:
    """Play a folder in a pytest of its own; return its seconds. All scenarios have to pass."""
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    quiet = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *quiet, *options, "."]
    began = monotonic_s()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    took = monotonic_s() - began
    assert f"{scenarios} passed" in done.stdout, done.stdout + done.stderr
    return took


def suite(engine: str, folder: Path) -> dict[str, float]:
    """Play one scenario, then all."""
    options = ["-p", "no:aurasim"] if engine == "plain" else []
    if engine == "plain":
        (folder / "test_plain.py").write_text(EMPTY_STEPS)
    write_suite(folder, 1)
    alone = played(folder, 1, *options)
    write_suite(folder, SCENARIOS)
    whole = played(folder, SCENARIOS, *options)
    return {
        "alone_s": alone,
        "whole_s": whole,
        "scenario_ms": 1000 * whole / SCENARIOS,
        "further_ms": 1000 * (whole - alone) / (SCENARIOS - 1),
    }


def long(name: str, folder: Path) -> dict[str, float]:
    """Play the long scenario on one clock."""
    hours, clock = CLOCKS[name]
    (folder / "long.feature").write_text(LONG.format(hours=hours))
    took = played(folder, 1, "--aura-clock", clock, "--aura-report", "report")
    story = list(told(folder / "report" / "cucumber.json"))
    return {
        "whole_s": took,
        "passed": sum(line.endswith(" passed") for line in story),
        "frames": sum(" #" in line for line in story),
        "story": zlib.crc32("\n".join(story).encode()),
    }


def told(path: Path) -> Iterator[str]:
    """Yield each step with its outcome, and its frames and requests with their run times."""
    [feature] = json.loads(path.read_text())
    for step in feature["elements"][0]["steps"]:
        yield f"{step['name']} {step['result']['status']}"
        yield from (one["name"] for one in step["embeddings"])


def once(name: str) -> dict[str, float]:
    """Measure one row once, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        play = long if name in CLOCKS else suite
        return play(name, Path(folder))


def run() -> list[Result]:
    """Measure suites and clocks, in turn."""
    return [suites(), clocks()]


def suites() -> Result:
    """Play the suite through the plugin and with empty steps."""
    seen = in_turn(ROUNDS, **{name: ("scenarios.py", name) for name in ("plain", "aurasim")})
    rows: list[list[str]] = []
    figures: dict[str, float] = {}
    for name, runs in seen.items():
        values = {key: median(runs, key) for key in runs[0]}
        slower = ratio(runs, seen["plain"], "whole_s")
        rows.append(
            [
                name,
                f"{values['whole_s']:.2f}",
                f"{values['scenario_ms']:.1f}",
                f"{slower:.2f}",
                f"{values['alone_s']:.2f}",
                f"{values['further_ms']:.1f}",
            ]
        )
        figures |= {f"{name}_{key}": value for key, value in values.items()}
        figures[f"{name}_ratio"] = slower
    pairs = zip(seen["aurasim"], seen["plain"], strict=True)
    figures["overhead_ms"] = statistics.median(
        a["scenario_ms"] - b["scenario_ms"] for a, b in pairs
    )
    columns = ["engine", "s in all", "ms a scenario", "of plain", "one alone s"]
    columns.append("ms a further scenario")
    return Result(f"{SCENARIOS} scenarios", columns, rows, figures, suite_notes(figures))


def suite_notes(figures: dict[str, float]) -> list[str]:
    """Say what the suites are, and the overhead."""
    hours = sum(map(hours_of, range(SCENARIOS)))
    return [
        __doc__.split("\n\n", 1)[1].replace("\n\n", " ").replace("\n", " ").strip(),
        f"The scenarios span {hours} hours of run time: {len(MODELS)} models, one to twelve hours, "
        f"a press, its callout. Through the plugin a scenario costs {figures['overhead_ms']:.1f} "
        "ms more than with empty steps, start included.",
    ]


def clocks() -> Result:
    """Play the same long scenario on a virtual and a scaled clock."""
    seen = in_turn(CLOCK_ROUNDS, **{name: ("scenarios.py", name) for name in CLOCKS})
    rows: list[list[str]] = []
    figures: dict[str, float] = {}
    for name, runs in seen.items():
        hours, clock = CLOCKS[name]
        whole, part = median(runs, "whole_s"), ratio(runs, seen["scaled"], "whole_s")
        outcomes = " or ".join(sorted({outcome(one) for one in runs}))
        rows.append([f"{hours}", clock, f"{whole:.2f}", f"{part:.2f}", outcomes])
        figures[f"{name}_whole_s"] = whole
        figures[f"{name}_of_scaled"] = part
    pairs = zip(seen["virtual"], seen["scaled"], strict=True)
    figures["same_story"] = sum(a["story"] == b["story"] for a, b in pairs)
    columns = ["hours of run time", "clock", "s in all", "of scaled", "outcome"]
    note = (
        f"A device, hours that pass, a press, a battery report. At scaled={SCALE} two hours take "
        f"{2 * 3600 / SCALE:.0f} seconds; a day would take {24 * 3600 / SCALE:.0f}, so that only "
        "the virtual clock plays it here. Steps, frames and requests of the two hours were the "
        f"same on both clocks, to the millisecond of run time, in {figures['same_story']:.0f} of "
        f"{CLOCK_ROUNDS} rounds."
    )
    return Result("Virtual beside scaled time", columns, rows, figures, [note])


def outcome(figures: dict[str, float]) -> str:
    """Return what came of the long scenario."""
    return f"{figures['passed']:.0f} steps passed, {figures['frames']:.0f} frames"


if __name__ == "__main__":
    print(json.dumps(once(sys.argv[1])))

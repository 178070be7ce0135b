"""Lists and runs the benchmarks of this folder."""

import argparse
import importlib
import json
import re
from pathlib import Path

from measure import Result, machine

NAMES = {
    "bdd": "what a scenario costs through the plugin, and virtual beside scaled time",
    "bench": "the bench's own delay, and what 200 replugs, 16 units and fast BLE lose",
    "codecs": "frames a second through each codec, decoded and encoded",
    "fleet": "events a second and memory a device, beside a plain SimPy process a device",
    "locust": "a fleet driven by Locust, beside Locust's own fastest client",
    "load": "what a core can send beside wrk and Locust, how late, and when the verdict is void",
    "native": "trackers that one process holds on TCP, and what each connection costs",
    "sandbox": "device events a second, in process and over HTTP",
    "truth": "promises, reports, resumed and shrunk runs, beside the runs themselves",
}
MODULES = {
    "bdd": "scenarios",
    "codecs": "codec_frames",  # the name is one of the standard library
    "locust": "load_locust",
}
PAGE = Path(__file__).parents[2] / "BENCHMARKS.md"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="leave out to list them")
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument("--write", action="store_true", help="write into BENCHMARKS.md")
    parser.add_argument("--only", action="append", default=[], help="rows of load, by name")
    asked = parser.parse_args()
    if not asked.name:
        for name, summary in NAMES.items():
            print(f"{name:10} {summary}")
        return
    if asked.only and (asked.name != "load" or asked.write):
        parser.error("--only is for rows of load, and the page has all of them")
    results: list[Result] = importlib.import_module(MODULES.get(asked.name, asked.name)).run(
        *asked.only
    )
    text = "\n".join(result.markdown() for result in results)
    print(f"{machine()}\n\n{text}")
    if asked.write:
        write(asked.name, text)
    if asked.json:
        figures = {key: value for result in results for key, value in result.figures.items()}
        print(json.dumps({"benchmark": asked.name, "machine": machine(), **figures}))


def write(name: str, text: str) -> None:
    """Put a benchmark's tables into the page, in place of its older ones."""
    page = PAGE.read_text()
    summary = NAMES[name][0].upper() + NAMES[name][1:]
    section = f"## {name}\n\n{summary}. Measured on {machine()}.\n\n{text}\n"
    found = re.search(rf"^## {name}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    PAGE.write_text(page.replace(found[0], section) if found else f"{page.rstrip()}\n\n{section}")


if __name__ == "__main__":
    main()

"""Which scenario proves which statement of the contract: read from the files, written as a table.

Statements are in `statements.toml`, scenarios name them by a tag; `README.md` is written from both.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.feature import get_feature

from simulator.errors import InputError

FILE = "statements.toml"
PAGE = "README.md"


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """One section of the contract; `unseen` statements cannot be shown from outside."""

    title: str
    statements: dict[str, str] = {}
    unseen: dict[str, str] = {}


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    section: list[Section]


class StatementsError(InputError):
    """The statements cannot be read, or a scenario claims to prove one that does not exist."""


def sections(folder: Path) -> list[Section]:
    """Read the statements of a folder of features; raise `StatementsError`."""
    path = folder / FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).section
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise StatementsError(f"{path}: cannot be read: {error}") from error


def proofs(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the scenarios (file, title) that carry each tag of a folder of features."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(folder.glob("*.feature")):
        for title, tags in _scenarios(path):
            for tag in tags:
                found.setdefault(tag, []).append((path.name, title))
    return found


def unknown_claims(folder: Path) -> list[str]:
    """Return what scenarios claim to prove although no statement has that name."""
    known = {name for section in sections(folder) for name in section.statements}
    claimed = {tag for tag in proofs(folder) if tag[:2] in ("D-", "T-", "I-", "S-")}
    return sorted(claimed - known)


def unproved(folder: Path) -> list[str]:
    """Return the statements that no scenario proves."""
    proved = proofs(folder)
    return [n for section in sections(folder) for n in section.statements if n not in proved]


def page(folder: Path) -> str:
    """Return the page that maps statements to scenarios."""
    proved, told = proofs(folder), sections(folder)
    total = sum(len(section.statements) for section in told)
    missing = unproved(folder)
    lines = [_HEAD.format(proved=total - len(missing), total=total)]
    for section in told:
        lines += [f"\n## {section.title}\n", "| statement | | proved by |", "|---|---|---|"]
        lines += (
            f"| `{name}` | {_plain(text)} | {_links(proved.get(name, []))} |"
            for name, text in section.statements.items()
        )
    lines += ["\n## Not proved by any scenario\n", *_listed(missing, told)]
    lines += ["\n## Not to be seen from outside\n"]
    lines += [f"* `{n}`: {_plain(text)}" for section in told for n, text in section.unseen.items()]
    return "\n".join(lines) + "\n"


def _scenarios(path: Path) -> Iterator[tuple[str, set[str]]]:
    try:
        feature = get_feature(str(path.parent), path.name)
    except GherkinParseError as error:
        raise StatementsError(f"{path}:{error.line}: {error.message}") from error
    for scenario in feature.scenarios.values():
        rule = scenario.rule.tags if scenario.rule else set()
        yield scenario.name, feature.tags | rule | scenario.tags


def _links(scenarios: list[tuple[str, str]]) -> str:
    shown = (f"[{_plain(title)}]({file})" for file, title in scenarios)
    return "<br>".join(shown) or "**none**"


def _plain(title: str) -> str:
    return title.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def _listed(names: list[str], told: list[Section]) -> list[str]:
    texts: Mapping[str, str] = {n: text for one in told for n, text in one.statements.items()}
    return [f"* `{name}`: {_plain(texts[name])}" for name in names] or [
        "None: every statement is proved."
    ]


_HEAD = """\
# What the feature files prove

Written by `aurasim steps statements features --write` from `statements.toml` and the tags of the
scenarios; a test fails when it is out of date. The steps are in [STEPS.md](STEPS.md).

{proved} of {total} statements of the contract are proved by a scenario. The letter of a statement
says where it comes from: D documented by AURA, T seen in published integrations, I inferred,
S chosen by the sandbox where AURA is silent.

Tags say where a scenario plays: `@sandbox`, `@staging`, `@bench`; others are skipped with the
reason. `@slow` ones are skipped on a real clock unless `--aura-slow` is given."""

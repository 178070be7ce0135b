"""Audits what aurasim stands on, as far as this machine can tell.

Always: every requirement has a lower bound, what is installed fits together, every licence is one
we may ship with, and what the code imports is declared, and the other way round. Where `pip-audit`
is installed and its data can be reached: known vulnerabilities; else it says that nobody looked.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
_FREE = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla|Unlicense|0BSD|Zlib|CC0|"
    r"Public Domain|HPND|LGPL|Lesser General",
    re.IGNORECASE,
)
_OWN = {"simulator", "aurasim"}
_UNIMPORTED = {"httptools"}  # a parser that uvicorn finds by itself
_BROUGHT = {
    "dbus-fast": "bleak",
    "flask": "locust",
    "gevent": "locust",
}  # only ever imported beside who brings them
_LOOSE = {"types-defusedxml"}  # stubs follow what they describe


def main() -> None:
    """Exit with 1 where something is wrong."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    runtime = [Requirement(text) for text in project["dependencies"]]
    optional = [Requirement(t) for texts in extras.values() for t in texts]
    wrong = [
        *bounds([*runtime, *optional]),
        *fit(),
        *licences(runtime),
        *imports(runtime, optional),
    ]
    for said in wrong:
        print(f"audit: {said}", file=sys.stderr)
    wrong += vulnerabilities()
    print(f"audited {len(closure(runtime))} packages that come with aurasim: {len(wrong)} findings")
    sys.exit(bool(wrong))


def bounds(requirements: list[Requirement]) -> Iterator[str]:
    """Yield requirements that any version would meet."""
    for one in requirements:
        is_bounded = any(spec.operator in (">=", "==", "~=") for spec in one.specifier)
        if not is_bounded and one.name not in {*_OWN, *_LOOSE}:
            yield f"{one} has no lower bound in pyproject.toml"


def fit() -> Iterator[str]:
    """Yield what is installed and does not fit together."""
    command = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        yield from done.stdout.splitlines()


def closure(requirements: list[Requirement]) -> dict[str, metadata.Distribution]:
    """Return the distributions that these requirements bring, with all theirs."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(requirements)
    while waiting:
        one = waiting.pop()
        if one.name.lower() in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        distribution = metadata.distribution(one.name)
        found[one.name.lower()] = distribution
        waiting += [Requirement(text) for text in distribution.requires or ()]
    return found


def licences(runtime: list[Requirement]) -> Iterator[str]:
    """Yield packages whose licence is none we know as free to ship with."""
    for name, distribution in sorted(closure(runtime).items()):
        known = distribution.metadata
        said = [text[:200] for n in ("License-Expression", "License") for text in _all(known, n)]
        said += [c for c in _all(known, "Classifier") if c.startswith("License")]
        if not _FREE.search(" ".join(said)):
            yield f"{name} {distribution.version} has a licence we do not know: {said}"


def _all(known: metadata.PackageMetadata, name: str) -> list[str]:
    return list(known.get_all(name) or ())


def imports(runtime: list[Requirement], optional: list[Requirement]) -> Iterator[str]:
    """Yield what is imported and not declared, and what is declared and not imported."""
    provided = metadata.packages_distributions()
    declared = {canonicalize_name(one.name) for one in (*runtime, *optional)}
    used: set[str] = set()
    for path in (ROOT / "simulator").rglob("*.py"):
        for name in _imported(ast.parse(path.read_text())):
            if name not in sys.stdlib_module_names and name not in _OWN:
                owners = {canonicalize_name(owner) for owner in provided.get(name, [name])}
                used |= (owners & declared) or owners  # several may share a namespace
    for name in sorted(used - declared - {*_BROUGHT}):
        yield f"simulator imports {name}, which pyproject.toml does not declare"
    for name in sorted({canonicalize_name(one.name) for one in runtime} - used - _UNIMPORTED):
        yield f"pyproject.toml declares {name}, which simulator does not import"


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def vulnerabilities() -> list[str]:
    """Return known vulnerabilities of what is installed; say where nobody could look."""
    if util.find_spec("pip_audit") is None:
        print("known vulnerabilities: nobody looked; install pip-audit to have them looked up")
        return []
    command = [sys.executable, "-m", "pip_audit", "--skip-editable", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        print("known vulnerabilities: the data cannot be reached from here")
        return []
    found = [line for line in done.stdout.splitlines() if re.search(r"(CVE|GHSA|PYSEC)-", line)]
    if done.returncode and not found:
        print("known vulnerabilities: the data cannot be reached from here")
    return found


if __name__ == "__main__":
    main()

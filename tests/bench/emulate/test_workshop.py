"""What is built and what a machine must have for it."""

from pathlib import Path

import pytest

from simulator.bench.emulate import EmulatorMissingError, workshop
from simulator.bench.emulate.needs import NEEDS, missing, require
from simulator.bench.emulate.workshop import BuildError, built, cache
from simulator.errors import UnavailableError

INSTALLER = Path(__file__).parents[3] / "scripts" / "install-bench"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sources and an empty cache; the compiler of these tests is a shell."""
    monkeypatch.setattr(workshop, "FIRMWARE", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def compiler(text: str) -> tuple[str, ...]:
    """Return a compiler whose `$2` is what to make and `$3` the source."""
    return ("sh", "-c", text, "compiler")


async def test_program_is_built_once_for_each_state_of_its_source(sources: Path) -> None:
    (sources / "a.c").write_text("one")
    copying = compiler('cp "$3" "$2"')

    first = await built("a.c", copying)
    again = await built("a.c", copying)
    (sources / "a.c").write_text("two")
    changed = await built("a.c", copying)

    assert first == again != changed
    assert changed.read_text() == "two"
    assert first.is_relative_to(sources / "cache" / "aurasim")


async def test_compiler_that_refuses_is_quoted(sources: Path) -> None:
    (sources / "a.c").write_text("one")

    with pytest.raises(BuildError, match=r"a\.c does not build here: .*no <stdio\.h>") as caught:
        await built("a.c", compiler("echo no '<stdio.h>'; exit 1"))

    assert "scripts/install-bench" in str(caught.value)
    assert list(cache().iterdir()) == []


async def test_compiler_that_never_ends_is_stopped(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "_LONGEST_S", 0.01)
    (sources / "a.c").write_text("one")

    with pytest.raises(BuildError, match=r"took over 0\.01 s"):
        await built("a.c", compiler("exec sleep 600"))


def test_cache_that_cannot_be_made_is_told(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sources / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(sources / "file"))

    with pytest.raises(UnavailableError, match="Set XDG_CACHE_HOME"):
        cache()


@pytest.mark.parametrize("part", NEEDS)
def test_missing_tools_are_named_with_the_command_that_helps(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.bench.emulate.needs._is_here", lambda what: False)

    with pytest.raises(EmulatorMissingError) as caught:
        require("some-unit", part)

    assert caught.value.kind == "some-unit"
    assert f"Run scripts/install-bench {part}, or apt-get install" in str(caught.value)
    for need in NEEDS[part]:
        assert need.what in caught.value.missing
        assert need.package in caught.value.remedy


def test_nothing_is_missing_where_all_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.bench.emulate.needs._is_here", lambda what: True)

    require("some-unit", *NEEDS)


def test_tools_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "avr-gcc" in {need.what for need in missing("avr")}


@pytest.mark.parametrize("part", NEEDS)
def test_installer_installs_what_is_needed(part: str) -> None:
    (line,) = [
        text for text in INSTALLER.read_text().splitlines() if text.startswith(f"  [{part}]=")
    ]
    packages = line.partition('"')[2].rstrip('"').split()

    assert {need.package for need in NEEDS[part]} <= set(packages)

"""The page of the profile format says what the types say."""

from pathlib import Path

import msgspec
import pytest

from simulator.profile import FACTS, Behaviour, Command, load, profile_names, reference
from simulator.profile import Words as Translation

PAGE = Path(__file__).parents[2] / "profiles" / "README.md"


def test_the_page_is_the_reference() -> None:
    """After a change of the types: aurasim profiles reference > profiles/README.md."""
    assert PAGE.read_text("utf-8") == reference()


def test_every_key_and_every_fact_has_a_meaning() -> None:
    """No empty cell where a reader looks for words."""
    rows = [line for line in reference().splitlines() if line.startswith("| `")]

    assert [row for row in rows if row.endswith("|  |")] == []
    for field in msgspec.structs.fields(Behaviour):
        assert any(row.startswith(f"| `{field.name}`") for row in rows), field.name
    for fact in FACTS:
        assert any(row.startswith(f"| `${fact}`") for row in rows), fact


def test_words_put_a_fact_into_the_protocols_own() -> None:
    """Texts, truths, and what is left out."""
    words = Translation(of="gesture", says={"sos": 236, "true": 1}, otherwise=0)

    assert [words.put(fact) for fact in ("sos", True, False, "fall")] == [236, 1, 0, 0]


@pytest.mark.parametrize("name", profile_names())
def test_a_device_with_commands_can_be_told_to_stop_what_it_says(name: str) -> None:
    """A stop command says by which values the gateway knows that it is needed."""
    stop = load(name).commands.get(Command.STOP_SOS)

    assert stop is None or stop.while_said

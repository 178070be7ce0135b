"""`aurasim profiles`: cards, checks and corpora as a tester sees them."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from simulator.cli.profiles import profiles

BASE = Path(__file__).parents[2] / "profiles" / "serial-pendant-base.toml"


def asked(*arguments: str, stdin: str | None = None) -> Result:
    """Run `aurasim profiles` with arguments."""
    return CliRunner().invoke(profiles, arguments, input=stdin)


def test_card_of_a_layout_shows_its_fields() -> None:
    shown = asked("show", "serial-pendant-base").output

    assert "battery_percent  0 to 100" in shown
    assert "crc16/modbus from byte 1" in shown


def test_layout_that_loses_values_is_refused_by_the_check(tmp_path: Path) -> None:
    """It is sound on paper; only its borders show that two digits are too few."""
    path = tmp_path / "lossy.toml"
    path.write_text(BASE.read_text().replace("scale = 0.5,", "scale = 0.001, digits = 2,"))

    done = asked("check", str(path))

    assert done.exit_code == 2
    assert "rssi_dbm" in done.output


def test_corpus_is_json_lines_of_every_mutation() -> None:
    lines = [
        json.loads(line)
        for line in asked("corpus", "eview-ev07b", "--count", "40").output.splitlines()
    ]

    assert len(lines) == 40
    assert {line["mutation"] for line in lines} >= {"wrong-checksum", "cloned-id", "truncated"}
    assert asked("corpus", "eview-ev07b", "--count", "40").output.count("\n") == 40


def test_new_profile_is_written_from_flags_and_runs(tmp_path: Path) -> None:
    """Nobody is asked where there is no terminal; a file that is there is left alone."""
    path = tmp_path / "acme-button.toml"
    flags = ("new", "acme-button", "--network", "lorawan", "--out", str(path))

    done, again = asked(*flags), asked(*flags)

    assert done.exit_code == 0, done.output
    assert "aurasim profiles check" in done.output
    assert asked("check", str(path)).exit_code == 0
    assert "there already" in str(again.exception)


def test_new_profile_needs_a_name_where_nobody_can_be_asked() -> None:
    assert asked("new").exit_code == 2


def test_draft_says_what_it_explains_and_what_it_doubts(tmp_path: Path) -> None:
    capture, path = tmp_path / "desk.jsonl", tmp_path / "desk.toml"
    frames = [f'{{"frame_hex": "a501{n:02x}", "label": "press"}}' for n in (3, 9, 200)]
    capture.write_text("\n".join(frames))

    done = asked("draft", str(capture), "--out", str(path))

    assert done.exit_code == 0, done.output
    assert "3 of them are read and written again" in done.output
    assert "doubt: No checksum was found" in done.output
    assert asked("check", str(path)).exit_code == 0

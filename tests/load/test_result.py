"""The result of a load test as a file."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.histogram import Histogram
from simulator.load.result import (
    FILE_NAME,
    GeneratorHealth,
    LoadResult,
    ResultError,
    ResultUnwritableError,
    Series,
    SettingsJson,
    Stage,
    Tally,
    ThresholdOutcome,
    Verdict,
    Window,
    from_json,
    read_result,
    to_json,
    write_result,
)


def sample() -> LoadResult:
    """Return a small result with something in every part."""
    latency = Histogram()
    latency.record(0.004)
    return LoadResult(
        version="1",
        settings=SettingsJson(
            target="sandbox",
            tier="sandbox",
            mix={"aura-structured": 2},
            shape="constant",
            rate=5.0,
            for_s=1.0,
            seed=1,
            transport="wire",
            connections=4,
            timeout_s=5.0,
            workers=1,
        ),
        started="2026-06-01T00:00:00Z",
        lasted_s=2.0,
        verdict=Verdict.FAIL,
        reasons=["p99 is too high"],
        kinds={
            "press": Tally(due=3, sent=2, answered=1, errors=1, dropped=1),
            "move": Tally(due=1),
        },
        stages={Stage.LATENCY: {"press": latency}},
        series=Series(windows=[Window(latency=latency)]),
        generator=GeneratorHealth(),
        thresholds=[
            ThresholdOutcome(
                name="p99", text="p99 below 1 ms", limit=0.001, measured=0.004, unit="s",
                samples=1, is_met=False,
            )
        ],
    )  # fmt: skip


def test_a_result_comes_back_whole() -> None:
    result = sample()

    back = from_json(to_json(result))

    assert back == result
    assert back.stage(Stage.LATENCY).n == 1
    assert back.stage(Stage.LATENCY, "move").n == 0


def test_messages_add_up() -> None:
    total = sample().total

    assert (total.due, total.sent, total.answered, total.errors, total.dropped) == (4, 2, 1, 1, 1)
    assert total.unfinished == 1
    assert sample().answered_rate == 0.5
    assert sample().sent_rate == 1.0


def test_a_result_is_read_from_its_folder_and_its_file(tmp_path: Path) -> None:
    path = write_result(sample(), tmp_path / "new" / "run")

    assert read_result(tmp_path / "new" / "run") == sample()
    assert read_result(path) == sample()
    assert [file.name for file in path.parent.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("text", ["", "{}", "[1]", "nonsense", '{"format": 1}'])
def test_what_is_no_result_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)

    with pytest.raises(ResultError, match=r"result\.json"):
        read_result(tmp_path)


def test_a_missing_result_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="aurasim load"):
        read_result(tmp_path)


def test_a_result_of_another_format_is_refused(tmp_path: Path) -> None:
    result = sample()
    result.format = 99
    write_result(result, tmp_path)

    with pytest.raises(ResultError, match="format 99"):
        read_result(tmp_path)


def test_a_histogram_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    text = to_json(sample()).replace(b'"n":1', b'"n":7')
    (tmp_path / FILE_NAME).write_bytes(text)

    with pytest.raises(ResultError, match="add up"):
        read_result(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ResultUnwritableError, match="--out"):
        write_result(sample(), tmp_path / "file" / "run")


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["format", "version", "stages", "series", "kinds", "settings"]), inner,
        max_size=4,
    ),
    max_leaves=20,
))  # fmt: skip
def test_any_json_is_read_or_refused(value: object) -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json(msgspec.json.encode(value))


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Verdict.PASS, 0), (Verdict.FAIL, 1), (Verdict.ENVIRONMENT, 3), (Verdict.VOID, 4)],
)
def test_each_verdict_has_its_exit_code(verdict: Verdict, code: int) -> None:
    assert verdict.exit_code == code


def test_every_stage_says_what_it_measures() -> None:
    assert all(stage.meaning for stage in Stage)

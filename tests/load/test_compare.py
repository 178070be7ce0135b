"""Two load tests side by side: changes are found, none are invented, and doubt is said."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.load.bootstrap import blocks_of, draw_percentile
from simulator.load.compare import ALL, Change, Comparison, Row, Rule, compare
from simulator.load.histogram import Histogram
from simulator.load.result import LoadResult, Stage, Verdict, write_result
from tests.load.made import made


def row(found: Comparison, stage: str, figure: str, kind: str = ALL) -> Row:
    """Return one row of a comparison."""
    return next(r for r in found.rows if (r.stage, r.kind, r.figure) == (stage, kind, figure))


def test_a_test_is_the_same_as_itself() -> None:
    """Nothing of it is better or worse, and what can be told for sure is the same."""
    result = made(1, drift=0.0, rate=2000)

    found = compare(result, result)

    assert row(found, "latency", "p50").verdict is Change.SAME
    assert {r.verdict for r in found.rows} <= {Change.SAME, Change.UNSURE}
    assert all(r.change == 0 for r in found.rows if r.change is not None)


def test_a_slower_target_is_worse_and_by_how_much() -> None:
    """The interval holds the true change, and the stage says where it comes from."""
    found = compare(made(1), made(2, slower=lambda _: 1.5))

    whole, answer = row(found, "latency", "p50"), row(found, "answer", "p50")
    assert found.verdict is Change.WORSE
    assert whole.verdict is answer.verdict is Change.WORSE
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < 0.5 < whole.high
    assert row(found, "lateness", "p99").verdict is Change.SAME  # microseconds do not matter


def test_the_other_way_round_it_is_better() -> None:
    """Which of the two is called before decides the sign."""
    found = compare(made(2, slower=lambda _: 1.5), made(1))

    assert found.verdict is Change.BETTER
    assert row(found, "latency", "p99").verdict is Change.BETTER


def test_tests_that_differ_by_chance_are_rarely_told_apart() -> None:
    """All intervals hold together: of 8 pairs of equal tests at most one is called changed."""
    verdicts = [compare(made(10 + at), made(40 + at)).verdict for at in range(8)]

    assert sum(verdict in (Change.BETTER, Change.WORSE) for verdict in verdicts) <= 1


def test_a_slow_half_widens_the_interval() -> None:
    """Half a minute of trouble is one accident, not thousands of slow messages."""
    calm = blocks_of([w.latency for w in made(3).series.windows])
    upset = blocks_of(
        [w.latency for w in made(3, slower=lambda s: 3 if s < 30 else 1).series.windows]
    )

    spread = [np.log(blocks.draw([50], "x")[0]).std() for blocks in (upset, calm)]
    assert spread[0] > 5 * spread[1]
    assert upset.design_effect(50) > 20
    assert calm.design_effect(50) < upset.design_effect(50)


def test_the_beta_bootstrap_is_the_bootstrap() -> None:
    """Drawing each sample anew gives the same spread of the percentile."""
    histogram = Histogram()
    source = np.random.default_rng(7)
    samples = (source.lognormal(0, 0.5, 2000) * 1e7).astype(np.int64)
    histogram.record_many(samples)

    fast = draw_percentile(histogram, 90, 1.0, "x")
    slow = [
        float(np.quantile(source.choice(samples, 2000), 0.9, method="inverted_cdf")) / 1e9
        for _ in range(1000)
    ]

    assert fast.std() == pytest.approx(np.std(slow), rel=0.15)
    assert np.median(fast) == pytest.approx(np.median(slow), rel=0.01)


def test_the_same_files_give_the_same_intervals() -> None:
    """Draws are keyed."""
    assert compare(made(1), made(2)) == compare(made(1), made(2))


def test_too_few_samples_beyond_a_percentile_decide_nothing() -> None:
    """A p99 of 500 messages is five messages."""
    found = compare(made(1, seconds=10, rate=50), made(2, seconds=10, rate=50))

    rare = row(found, "latency", "p99")
    assert rare.verdict is Change.UNSURE
    assert "samples lie beyond it" in rare.note


def test_more_errors_are_worse() -> None:
    """Though the answers are as fast as before."""
    found = compare(made(1), made(1, errors=0.05))

    share = row(found, "errors", "share")
    assert share.verdict is Change.WORSE
    assert share.change == pytest.approx(0.05, abs=0.01)
    assert row(found, "latency", "p99").verdict is not Change.WORSE


def test_the_beginning_can_be_left_out() -> None:
    """A cold start is no regression of the rest."""
    cold = made(1, slower=lambda s: 20 if s < 5 else 1)

    whole = compare(made(1), cold)
    rest = compare(made(1), cold, Rule(skip_s=5))

    assert row(whole, "latency", "p99").change != 0
    assert row(rest, "latency", "p99").change == 0


def test_a_void_test_cannot_be_compared() -> None:
    """A generator that was too slow has measured itself."""
    found = compare(made(1), made(2, verdict=Verdict.VOID))

    assert found.verdict is Change.UNSURE
    assert found.obstacles == ("the test after is void: made so",)


def test_nothing_left_to_compare_is_said() -> None:
    """When all of it is skipped, or nothing was ever sent."""
    skipped = compare(made(1), made(2), Rule(skip_s=500))
    nothing = made(1, seconds=1)
    nothing.series.windows, nothing.stages, nothing.kinds = [], {}, {}

    assert skipped.rows == compare(nothing, made(2)).rows == ()
    assert skipped.obstacles == ("only 0 windows with messages; it takes 5",)


def test_different_experiments_are_called_so() -> None:
    """Twice the rate is another question."""
    found = compare(made(1), made(1, rate=400))

    assert "rate: 200 before, 400 after" in found.differences


def test_the_command_prints_and_ends_with_the_verdict(tmp_path: Path) -> None:
    """Worse is 1; the JSON holds every row."""
    first, second = _written(tmp_path, made(1)), _written(tmp_path, made(2, slower=lambda _: 1.5))

    told = _aurasim("compare", str(first), str(second))
    data = _aurasim("compare", str(first), str(second), "--json")

    assert told.returncode == data.returncode == 1
    assert told.stdout.splitlines()[-1].startswith("worse: ")
    assert json.loads(data.stdout)["verdict"] == "worse"
    assert len(json.loads(data.stdout)["rows"]) > 30


def test_a_baseline_is_accepted_until_a_test_is_worse(tmp_path: Path) -> None:
    """Then it stays what it was."""
    good, bad = _written(tmp_path, made(1)), _written(tmp_path, made(2, slower=lambda _: 1.5))
    baseline = tmp_path / "ci" / "baseline.json"

    missing = _aurasim("compare", str(good), "--baseline", str(baseline))
    made_one = _aurasim("compare", str(good), "--baseline", str(baseline), "--accept")
    kept = baseline.read_bytes()
    worse = _aurasim("compare", str(bad), "--baseline", str(baseline), "--accept")

    assert (missing.returncode, made_one.returncode, worse.returncode) == (2, 0, 1)
    assert "--accept" in missing.stderr
    assert baseline.read_bytes() == kept


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    """With its name and the reason."""
    (tmp_path / "result.json").write_text("{}")

    told = _aurasim("compare", str(tmp_path), str(tmp_path))

    assert told.returncode == 2
    assert "is no result of a load test" in told.stderr


def _written(folder: Path, result: LoadResult) -> Path:
    run = folder / f"run{len(list(folder.iterdir()))}"
    write_result(result, run)
    return run


def _aurasim(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_stages_have_rows_of_their_own() -> None:
    """Each kind of message too."""
    found = compare(made(1), made(2))

    assert {r.stage for r in found.rows} >= {s.value for s in (Stage.ANSWER, Stage.CALLOUT)}
    assert row(found, "latency", "p50", "press").before is not None

"""`aurasim compare`: whether a load test went better or worse than another, or nobody can tell."""

import shutil
from pathlib import Path

import click

from simulator.cli.show import json_option, print_json, print_table
from simulator.clock import duration_s
from simulator.errors import ExitCode, UnavailableError
from simulator.load.compare import ALL, Change, Comparison, Row, Rule
from simulator.load.compare import compare as compare_results
from simulator.load.result import FILE_NAME, Stage, read_result

_MOST_TIMES = 1000


class BaselineError(UnavailableError):
    """A baseline cannot be written."""


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path), required=False)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="Compare the one test named with this result, the last one that was accepted.",
)
@click.option("--accept", is_flag=True, help="Make the test the baseline unless it is worse.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Of all rows.")
@click.option(
    "--tolerance", type=float, default=0.05, show_default=True, help="A change up to this is none."
)
@click.option(
    "--least", default="50us", show_default=True, help="A change of less time than this is none."
)
@click.option("--skip", default="0s", show_default=True, help="Leave out the beginning of both.")
@click.option("--all", "everything", is_flag=True, help="Show every stage of every kind.")
@json_option
def compare(
    before: Path,
    after: Path | None,
    *,
    baseline: Path | None,
    accept: bool,
    confidence: float,
    tolerance: float,
    least: str,
    skip: str,
    everything: bool,
    as_json: bool,
) -> None:
    """Compare two load tests, BEFORE and AFTER: folders or result files of aurasim load.

    \b
    aurasim compare runs/monday runs/tuesday
    aurasim compare runs/tuesday --baseline baseline.json --accept

    Times are better, worse, the same (for sure less of a change than --tolerance) or nobody can
    tell; all intervals hold together with --confidence. The whole latency of each kind of message,
    errors and drops decide; the stages say where a change comes from. Ends with exit code 1 when
    one of those that decide is worse, and 4 when the tests cannot be compared: one is void, was cut
    short or is too small.
    """
    first, second = _sides(before, after, baseline)
    if first is None:
        _accept_first(second, baseline, accept=accept, as_json=as_json)
        return
    rule = Rule(
        confidence=confidence,
        tolerance=tolerance,
        least_s=_short_s(least),
        skip_s=duration_s(skip) if skip != "0s" else 0.0,
    )
    found = compare_results(read_result(first), read_result(second), rule)
    if as_json:
        print_json({"before": str(first), "after": str(second), **_json(found)})
    else:
        _print(found, everything=everything)
    code = _exit_code(found)
    if accept and baseline and code == ExitCode.PASS:
        _accept(second, baseline, as_json=as_json)
    raise click.exceptions.Exit(code)


def _sides(before: Path, after: Path | None, baseline: Path | None) -> tuple[Path | None, Path]:
    if baseline is None:
        if after is None:
            message = "Name two load tests, or one and --baseline FILE."
            raise click.UsageError(message)
        return before, after
    if after is not None:
        message = "With --baseline name one load test: the baseline is the other."
        raise click.UsageError(message)
    return (baseline if baseline.exists() else None), before


def _accept_first(run: Path, baseline: Path | None, *, accept: bool, as_json: bool) -> None:
    if not accept:
        message = f"{baseline} does not exist yet. Say --accept to make {run} the baseline."
        raise click.UsageError(message)
    _accept(run, baseline, as_json=as_json)


def _accept(run: Path, baseline: Path | None, *, as_json: bool) -> None:
    """Make a test the baseline of the next ones."""
    if baseline is None:
        message = "--accept needs --baseline FILE."
        raise click.UsageError(message)
    result = read_result(run)
    if not result.is_whole or result.verdict.exit_code not in (ExitCode.PASS, ExitCode.FAILED):
        message = (
            f"{run} is {result.verdict.value} and can be no baseline. Run the load test again."
        )
        raise BaselineError(message)
    path = run / FILE_NAME if run.is_dir() else run
    try:
        baseline.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, baseline)
    except OSError as error:
        message = f"The baseline cannot be written to {baseline}: {error.strerror}."
        raise BaselineError(message) from error
    click.echo(f"baseline: {baseline} is now {path}", err=as_json)


def _exit_code(found: Comparison) -> ExitCode:
    if found.obstacles or not found.rows:
        return ExitCode.VOID
    return ExitCode.FAILED if found.verdict is Change.WORSE else ExitCode.PASS


def _print(found: Comparison, *, everything: bool) -> None:
    for difference in found.differences:
        click.echo(f"told differently: {difference}")
    shown = [row for row in found.rows if everything or _is_worth_showing(row)]
    print_table("", ["", "message", "", "before", "after", "change", "between", ""], _cells(shown))
    hidden = len(found.rows) - len(shown)
    if hidden:
        click.echo(f"{hidden} more without a change that is sure: --all shows them")
    for obstacle in found.obstacles:
        click.echo(f"cannot be compared: {obstacle}")
    click.echo(f"{found.verdict}: {_tally(found)}, {found.confidence:.0%} sure of all together")


def _is_worth_showing(row: Row) -> bool:
    if row.verdict in (Change.BETTER, Change.WORSE):
        return True
    return row.stage in (Stage.LATENCY, "errors", "dropped") or (
        row.kind == ALL and row.figure == "p99"
    )


def _cells(rows: list[Row]) -> list[list[object]]:
    cells: list[list[object]] = []
    previous = ("", "")
    for row in rows:
        place = (row.stage, row.kind)
        is_time = row.figure != "share"
        verdict = f"{row.verdict} ({row.note})" if row.note else row.verdict.value
        cells.append(
            [
                row.stage if row.stage != previous[0] else "",
                row.kind if place != previous else "",
                row.figure,
                _value(row.before, is_time=is_time),
                _value(row.after, is_time=is_time),
                _change(row.change, is_time=is_time),
                _between(row, is_time=is_time),
                verdict,
            ]
        )
        previous = place
    return cells


def _value(value: float | None, *, is_time: bool) -> str:
    if value is None:
        return ""
    return _time(value) if is_time else f"{value:.2%}"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 0.001 else f"{seconds * 1e6:.3g} us"


def _change(value: float | None, *, is_time: bool) -> str:
    if value is None:
        return ""
    if not is_time:
        return f"{value * 100:+.2f} points"
    if value < 1:
        return f"{value:+.1%}"
    return f"x{1 + value:.3g}" if value < _MOST_TIMES else f">x{_MOST_TIMES}"


def _between(row: Row, *, is_time: bool) -> str:
    if row.low is None:
        return ""
    ends = (_change(end, is_time=is_time).removesuffix(" points") for end in (row.low, row.high))
    return " .. ".join(ends)


def _tally(found: Comparison) -> str:
    counts = dict.fromkeys(Change, 0)
    for row in found.rows:
        counts[row.verdict] += 1
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)


def _json(found: Comparison) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "confidence": found.confidence,
        "differences": found.differences,
        "obstacles": found.obstacles,
        "rows": found.rows,
    }


def _short_s(text: str) -> float:
    """Read a span that may be in microseconds."""
    if text.endswith("us") and text[:-2].replace(".", "", 1).isdigit():
        return float(text[:-2]) / 1e6
    return duration_s(text)

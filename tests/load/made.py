"""Results of load tests that were never run: latencies drawn around a drifting level."""

from collections.abc import Callable

import numpy as np

from simulator.load.histogram import Histogram
from simulator.load.result import (
    GeneratorHealth,
    LedgerJson,
    LoadResult,
    Series,
    SettingsJson,
    Stage,
    Tally,
    ThresholdOutcome,
    Verdict,
    Window,
)

SHARES = {"move": 0.7, "battery": 0.2, "press": 0.1}


def settings(**changes: object) -> SettingsJson:
    """Return the settings of a made test."""
    told: dict[str, object] = {
        "target": "http://127.0.0.1:8787/panic-api/v2",
        "tier": "sandbox",
        "mix": {"aura-structured": 200},
        "shape": "constant",
        "rate": 200.0,
        "for_s": 60.0,
        "seed": 1,
        "transport": "wire",
        "connections": 64,
        "timeout_s": 10.0,
        "workers": 1,
    }
    return SettingsJson(**(told | changes))  # type: ignore[arg-type]  # one of its fields each


def made(
    seed: int,
    *,
    seconds: int = 60,
    rate: int = 200,
    slower: Callable[[int], float] = lambda _: 1.0,
    errors: float = 0.0,
    drift: float = 0.05,
    verdict: Verdict = Verdict.PASS,
) -> LoadResult:
    """Return a test whose level drifts from second to second, `slower` times as slow by second."""
    draws = np.random.default_rng(seed)
    windows: list[Window] = []
    stages: dict[Stage, dict[str, Histogram]] = {
        stage: {kind: Histogram() for kind in SHARES}
        for stage in (
            *(Stage.LATENESS, Stage.QUEUE, Stage.SEND, Stage.ANSWER),
            *(Stage.SERVICE, Stage.LATENCY),
        )
    }
    stages[Stage.CALLOUT] = {"press": Histogram()}
    kinds = {kind: Tally() for kind in SHARES}
    level = 0.0
    for second in range(seconds):
        level = 0.5 * level + draws.normal() * drift
        window = Window()
        for kind, share in SHARES.items():
            number = int(draws.poisson(rate * share))
            failed = int(draws.binomial(number, errors))
            factor = 0.004 * slower(second) * np.exp(level) * (3 if kind == "press" else 1)
            late = _ns(draws.lognormal(-10, 0.6, number))
            queue = _ns(draws.lognormal(-12, 1.0, number))
            send = _ns(draws.lognormal(-11, 0.2, number))
            answer = _ns(factor * draws.lognormal(0, 0.5, number))
            for stage, took in (
                (Stage.LATENESS, late),
                (Stage.QUEUE, queue),
                (Stage.SEND, send),
                (Stage.ANSWER, answer),
                (Stage.SERVICE, send + answer),
                (Stage.LATENCY, late + queue + send + answer),
            ):
                stages[stage][kind].record_many(took)
            if kind == "press":
                stages[Stage.CALLOUT][kind].record_many(answer * 2)
            window.latency.record_many(late + queue + send + answer)
            window.service.record_many(send + answer)
            window.lateness.record_many(late)
            counted = Tally(due=number, sent=number, answered=number - failed, errors=failed)
            window.tally.add(counted)
            kinds[kind].add(counted)
        window.sent_in = window.answered_in = window.tally.due
        windows.append(window)
    failures = sum(tally.errors for tally in kinds.values())
    return LoadResult(
        version="0.4.0",
        settings=settings(for_s=float(seconds), rate=float(rate), seed=seed),
        started="2026-06-01T08:00:00Z",
        lasted_s=float(seconds),
        verdict=verdict,
        reasons=[] if verdict is Verdict.PASS else ["made so"],
        kinds=kinds,
        errors={"answered 503": failures} if failures else {},
        stages=stages,
        series=Series(windows=windows),
        generator=GeneratorHealth(cpu_share=0.4, connections_opened=64, connections_most=64),
        thresholds=[
            ThresholdOutcome(
                name="p99",
                text="p99 of latency at most 250 ms",
                limit=0.25,
                measured=0.02,
                unit="s",
                samples=rate * seconds,
                is_met=True,
            )
        ],
        ledger=LedgerJson(
            verdict="passed",
            presses=kinds["press"].due,
            totals={"delivered": kinds["press"].due, "lost": 0},
            lost={},
            invariants={"a battery report never opens a callout": 0},
        ),
    )


def _ns(
    seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return (seconds * 1e9).astype(np.int64)

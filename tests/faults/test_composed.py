"""Faults compose: whatever goes wrong at once, presses are accounted for and promises hold."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.device import People
from simulator.faults import KINDS
from simulator.profile import CellularLink, DirectLink, load, profile_names
from simulator.report import Outcome, ledger_of
from tests.faults.fleet import fault, ran


def has_connection(model: str) -> bool:
    """Return whether devices of a model keep a connection."""
    return isinstance(load(model).link, CellularLink | DirectLink)


SPANS = st.none() | st.tuples(st.integers(0, 3000), st.integers(60, 2000))


@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), SPANS), max_size=5, unique_by=lambda one: one[0]),
    st.lists(st.sampled_from(profile_names()), min_size=1, max_size=3, unique=True),
    st.integers(0, 1000),
    st.booleans(),
)
def test_no_mixture_of_faults_leaves_a_press_unexplained(
    chosen: list[tuple[str, tuple[int, int] | None]], models: list[str], seed: int, is_cold: bool
) -> None:
    """Of any devices, at any times."""
    faults = [
        fault(kind, **({"from_": f"{span[0]}s", "to": f"{span[0] + span[1]}s"} if span else {}))
        for kind, span in chosen
        if kind != "half-open" or any(has_connection(model) for model in models)
    ]
    records = ran(
        *faults,
        mix=dict.fromkeys(models, 2),
        seed=seed,
        for_s=3600.0,
        people=People(presses=4.0, cancel_share=0.4),
        cold_start=is_cold,
    )
    account = ledger_of(records)

    assert account.totals[Outcome.UNEXPLAINED] == 0
    assert account.breaches == ()

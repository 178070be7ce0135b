"""Fields of JSON by their path, compared with tables."""

import pytest

from simulator.bdd.mistakes import StepUseError
from simulator.bdd.paths import ABSENT, compared, fits, rows_of, value_at

ANSWER = {"callout": {"id": 5, "info": [{"eta": None}, {"eta": "2026-06-01T00:00:00Z"}]}, "a.b": 1}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("callout.id", 5),
        ("callout.info[0].eta", None),
        ("callout.info[1].eta", "2026-06-01T00:00:00Z"),
        ("callout.info[2].eta", ABSENT),
        ("callout.nobody.id", ABSENT),
        ('["a.b"]', 1),
    ],
)
def test_a_path_leads_to_a_value_or_nowhere(path: str, value: object) -> None:
    """Null is something, nowhere is not."""
    assert value_at(ANSWER, path) == value


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (5, "5"),
        (5, "a number"),
        (5.5, "5.5"),
        ("5", "5"),
        ("5", '"5"'),
        (True, "true"),
        (None, "null"),
        (ABSENT, "absent"),
        (None, "present"),
        ("2026-06-01T00:00:00Z", "a time"),
        ("hello", "contains ELL"),
        ([], "an empty list"),
        ([1], "not an empty list"),
        ("red", "not blue"),
    ],
)
def test_a_value_is_as_a_table_says(found: object, wanted: str) -> None:
    """Literally, or by its kind."""
    assert fits(found, wanted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [(5, '"5"'), (True, "a number"), ("", "a text"), (None, "absent"), ("red", "not red")],
)
def test_a_value_is_not_as_a_table_says(found: object, wanted: str) -> None:
    """A number is no text, and true is no number."""
    assert not fits(found, wanted)


def test_what_differs_is_named_with_the_nearest_field() -> None:
    """Fields that are as expected are left out."""
    finding = compared(ANSWER, [("callout.id", "5"), ("callout.info[1].eta", "null")])

    assert not finding.is_met
    assert finding.seen == 'callout.info[1].eta is "2026-06-01T00:00:00Z", not null'


def test_other_columns_are_refused() -> None:
    """The heading says which columns there are."""
    with pytest.raises(StepUseError, match=r"\| field \| value \|"):
        rows_of([["name", "value"], ["a", "b"]], "field", "value")

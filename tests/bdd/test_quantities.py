"""What people write into sentences, read into numbers."""

import pytest

from simulator.bdd import quantities
from simulator.bdd.mistakes import StepUseError
from simulator.device import Position


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 seconds", 30),
        ("1 second", 1),
        ("5 minutes", 300),
        ("26 hours", 93600),
        ("2 days", 172800),
        ("1 hour 30 minutes", 5400),
        ("1 minute and 5 seconds", 65),
        ("250 ms", 0.25),
        ("1.5 h", 5400),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """Words and short forms, alone and together."""
    assert quantities.duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "number"),
    [("no", 0), ("a", 1), ("once", 1), ("twice", 2), ("twelve", 12), ("20", 20), ("4 times", 4)],
)
def test_counts(text: str, number: int) -> None:
    """In words up to twelve, and in digits."""
    assert quantities.count(text) == number


@pytest.mark.parametrize(
    ("text", "metres"), [("50 metres", 50), ("1 m", 1), ("1.2 km", 1200), ("2 kilometres", 2000)]
)
def test_distances(text: str, metres: float) -> None:
    """In metres and kilometres."""
    assert quantities.distance_m(text) == metres


@pytest.mark.parametrize(("text", "speed"), [("3.6 km/h", 1.0), ("1.4 m/s", 1.4)])
def test_speeds(text: str, speed: float) -> None:
    """In kilometres an hour and metres a second."""
    assert quantities.speed_ms(text) == pytest.approx(speed)


def test_places_and_bytes() -> None:
    """Degrees with a comma between them, and hex digits with or without spaces."""
    assert quantities.position("-26.1, 28.05") == Position(-26.1, 28.05)
    assert quantities.hex_bytes("01 75 64") == quantities.hex_bytes("017564") == b"\x01ud"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (quantities.duration_s, "3 parsecs"),
        (quantities.distance_m, "3 miles"),
        (quantities.speed_ms, "3 knots"),
        (quantities.percent, "101 %"),
        (quantities.position, "-91.0, 28.0"),
        (quantities.hex_bytes, "0 12"),
    ],
)
def test_what_cannot_be_is_refused_with_an_example(read: object, text: str) -> None:
    """The message says what to write."""
    assert callable(read)
    with pytest.raises(StepUseError, match=f"'{text}' is no .* Write"):
        read(text)

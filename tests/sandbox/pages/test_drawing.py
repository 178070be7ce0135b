"""The map's geometry: everything is on it, and the graticule has a few round lines."""

import math

import pytest

from simulator.sandbox.pages.drawing import HEIGHT, WIDTH, chart_of
from simulator.sandbox.rows import Position

CORNERS = ((-90, -180), (90, 180), (0, 0), (-26.0919, 28.084), (-26.0, 28.2), (89.9, 10))


def test_without_positions_there_is_no_map() -> None:
    assert chart_of([]) is None


@pytest.mark.parametrize("first", CORNERS)
@pytest.mark.parametrize("second", CORNERS)
def test_every_position_is_on_the_map(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    positions = [Position(latitude=lat, longitude=lon) for lat, lon in (first, second)]
    chart = chart_of(positions)

    assert chart is not None
    for position in positions:
        assert 0 <= chart.x(position.longitude) <= WIDTH
        assert 0 <= chart.y(position.latitude) <= HEIGHT
    assert len(chart.meridians) <= 2000
    assert len(chart.parallels) <= 20


def test_a_lonely_position_is_drawn_with_its_neighbourhood() -> None:
    chart = chart_of([Position(latitude=-26.0919, longitude=28.084)])

    assert chart is not None
    assert (chart.x(28.084), chart.y(-26.0919)) == (WIDTH / 2, HEIGHT / 2)
    assert [line.label for line in chart.parallels] == ["26.095°S", "26.090°S"]
    assert len(chart.meridians) == 5


def test_a_kilometre_is_as_long_both_ways() -> None:
    chart = chart_of([Position(latitude=60, longitude=10), Position(latitude=60.5, longitude=11)])

    assert chart is not None
    east = chart.x(10.2) - chart.x(10.0)
    north = chart.y(60.25) - chart.y(60.25 + 0.2 * math.cos(math.radians(60.25)))
    assert east == pytest.approx(north, abs=0.2)

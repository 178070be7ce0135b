"""A run that has begun, with one linked device."""

import pytest

from tests.report.journals import Telling


@pytest.fixture
def run() -> Telling:
    telling = Telling().begin()
    telling.link()
    return telling

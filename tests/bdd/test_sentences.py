"""Sentences with places, optional parts and words that may be one or the other."""

import pytest

from simulator.bdd.sentence import Sentence, nearest


def test_a_place_is_read_as_its_kind() -> None:
    """Durations become seconds, counts become numbers."""
    sentence = Sentence("{count} cars wait {duration}")

    assert sentence.parse_arguments("three cars wait 2 minutes") == {"count": 3, "duration": 120}


def test_two_places_of_a_kind_have_names() -> None:
    """The names are the arguments."""
    sentence = Sentence("from {start:position} to {end:position}")

    said = sentence.parse_arguments("from -26.1, 28.0 to -26.2, 28.1")

    assert said is not None
    assert list(said) == ["start", "end"]


@pytest.mark.parametrize("text", ["it rains", "it rains for 2 hours"])
def test_an_optional_part_may_be_left_out(text: str) -> None:
    """Its argument is then left out too."""
    assert Sentence("it rains[ for {duration}]").is_matching(text)


@pytest.mark.parametrize(("text", "fits"), [("he walks", True), ("he runs", True), ("he ", False)])
def test_words_may_be_one_or_the_other(text: str, fits: bool) -> None:
    """A slash stands between them."""
    assert Sentence("he walks/runs").is_matching(text) is fits


@pytest.mark.parametrize("text", ["say: (what?)", "a.b"])
def test_other_signs_stand_for_themselves(text: str) -> None:
    """Nothing else is special."""
    assert Sentence(text).is_matching(text)
    assert not Sentence(text).is_matching(text.replace(".", "x").replace("?", "x") + "!")


def test_the_whole_sentence_counts() -> None:
    """A part of it is not enough."""
    assert Sentence("it rains").parse_arguments("it rains again") is None


def test_the_nearest_sentence_is_found() -> None:
    """Numbers and names do not make sentences alike."""
    sentences = [Sentence("{duration} pass/passes"), Sentence("{person} presses {device}")]

    assert nearest('the person preses "hall"', sentences) == "{person} presses {device}"
    assert nearest("entirely different words altogether, my dear", sentences) == ""

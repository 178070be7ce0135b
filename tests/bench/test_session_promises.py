"""The promises of every run are watched over a session with a real unit too."""

from pathlib import Path

from simulator.bench.acceptance.session import _promises_broken
from simulator.journal import FileJournal
from tests.report.journals import Telling


def told(folder: Path, telling: Telling) -> list[str]:
    with FileJournal(folder) as journal:
        for record in telling.end():
            journal.write(record)
    return list(_promises_broken(folder))


def test_a_broken_promise_is_a_trouble_of_the_session(tmp_path: Path) -> None:
    telling = Telling().begin()
    telling.link()
    telling.deliver(telling.press(), 501)
    telling.deliver(telling.press(), 502)

    (trouble,) = told(tmp_path, telling)

    assert trouble.startswith("a promise was broken: a customer never has two open callouts")


def test_a_session_that_ended_before_it_began_breaks_none(tmp_path: Path) -> None:
    assert list(_promises_broken(tmp_path / "nothing")) == []
    assert told(tmp_path, Telling().begin()) == []

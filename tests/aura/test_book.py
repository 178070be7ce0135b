"""The open list: what is on it, when, and that nothing which reads it can be hurt by it."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura import Request, Response, Target
from simulator.aura.book import Book, BookError, abandoned
from simulator.aura.openings import Kind, Thing, about, ended, opened
from simulator.aura.state import StateError

LAB = Target("https://lab.example", allowed=("lab.example",))
API = "/panic-api/v2"


def request(line: str, body: object = None) -> Request:
    method, path = line.split(" ")
    return Request(method, API + path, body=b"" if body is None else msgspec.json.encode(body))


def answer(body: object, status: int = 200) -> Response:
    return Response(status, body=msgspec.json.encode(body))


CALLOUT = answer({"message": "...", "callout": {"id": 7, "customerId": 17}})
EVENT = answer(
    {"resolvedAuraEvent": {"eventTypes": "NEW_CALLOUT", "eventResponse": {"calloutId": 7}}}
)
OPENS = [
    (
        "POST /customers",
        {"customer": {"mobile": "+271"}},
        answer({"customer": {"id": 17}}),
        "customer 17",
    ),
    ("POST /devices", {"deviceSerial": "AB1"}, answer({"id": 1, "deviceId": "b1"}), "device b1"),
    ("POST /customers/17/callouts", {}, CALLOUT, "callout 7"),
    ("POST /callouts", {"customerId": 17}, CALLOUT, "callout 7"),
    ("POST /callouts?x=1", {}, CALLOUT, "callout 7"),
    ("POST /predefinedLocations/externalRef/s%201/callouts", {}, CALLOUT, "callout 7"),
    ("POST /deviceEvent", {"device_id": "b1", "message_type": 1}, EVENT, "callout 7"),
    ("POST /deviceEvent", {"device": "b1", "data": "00"}, EVENT, "callout 7"),
    ("POST /predefinedLocations", {}, answer({"id": 99}), "fixed location 99"),
    (
        "POST /scheduled/guarding",
        {},
        answer({"scheduledRequest": {"id": "u-1"}}),
        "scheduled service u-1",
    ),
]
ENDS: list[tuple[str, object, Thing]] = [
    ("POST /callouts/7/cancel", {}, Thing(Kind.CALLOUT, "7")),
    ("POST /callouts/7/dismiss", {}, Thing(Kind.CALLOUT, "7")),
    ("POST /customers/17/delete", None, Thing(Kind.CUSTOMER, "17")),
    ("DELETE /devices/b1", None, Thing(Kind.DEVICE, "b1")),
    ("DELETE /predefinedLocations/99", None, Thing(Kind.LOCATION, "99")),
    ("DELETE /scheduled/u-1", None, Thing(Kind.SERVICE, "u-1")),
]


@pytest.mark.parametrize(("line", "body", "said", "thing"), OPENS)
def test_what_an_operation_opens_is_read_off_the_wire(
    line: str, body: object, said: Response, thing: str
) -> None:
    asked = request(line, body)

    assert about(asked)
    assert str(opened(asked, said)) == thing
    assert opened(asked, Response(400, body=said.body)) is None


@pytest.mark.parametrize("line", ["GET /callouts", "POST /ratings", "PUT /devices", "POST /leads"])
def test_what_opens_nothing_is_not_written_down(line: str) -> None:
    assert about(request(line)) is None


@pytest.mark.parametrize(("line", "body", "thing"), ENDS)
@pytest.mark.parametrize("status", [200, 204, 404])
def test_what_ends_a_thing_is_read_off_the_wire(
    line: str, body: object, thing: Thing, status: int
) -> None:
    assert ended(request(line, body), Response(status)) == thing


@pytest.mark.parametrize(("line", "body", "thing"), ENDS)
def test_a_refusal_ends_nothing(line: str, body: object, thing: Thing) -> None:
    del thing

    assert ended(request(line, body), Response(500)) is None


def test_a_cancel_with_a_safe_code_is_no_proof() -> None:
    """It may mean duress: the callout goes on and looks cancelled."""
    asked = request("POST /callouts/7/cancel", {"safeCode": "1234"})

    assert ended(asked, Response(200)) is None


@given(method=st.text(max_size=8), path=st.text(max_size=40), body=st.binary(max_size=60))
def test_any_request_and_any_answer_can_be_looked_at(method: str, path: str, body: bytes) -> None:
    for asked in (
        Request(method, path, body=body),
        Request("POST", f"/{path}/callouts", body=body),
    ):
        about(asked)
        opened(asked, Response(200, body=body))
        ended(asked, Response(200, body=body))


def begun(folder: Path) -> Book:
    return Book.begin(LAB, "us", folder=folder)


def taken(path: Path) -> Book:
    book = Book.take(path)
    assert book is not None
    return book


def left_by_a_kill(book: Book) -> Path:
    """Let go of a list as a killed process does; return where it is."""
    os.close(book._descriptor)  # as the kernel does for a killed process
    return book.path


def test_a_call_for_help_is_written_down_before_it_is_sent(tmp_path: Path) -> None:
    """The line is in the file when `before` returns."""
    book = begun(tmp_path)

    book.before(request("POST /customers/17/callouts", {}))

    assert b"customer 17" in book.path.read_bytes()
    found = taken(left_by_a_kill(book))
    assert found.uncertain == {"customer 17"}
    found.close()


def test_killed_process_leaves_what_it_opened_and_had_not_ended(tmp_path: Path) -> None:
    book = begun(tmp_path)
    for line, body, said, _ in OPENS:
        asked = request(line, body)
        book.before(asked)
        book.after(asked, said)
    for line, ended_body, _ in ENDS[2:4]:
        book.after(request(line, ended_body), Response(200))

    left_by_a_kill(book)
    (found,) = abandoned(tmp_path)

    assert [str(thing) for thing in found.things] == [
        "callout 7",
        "scheduled service u-1",
        "fixed location 99",
    ]
    assert found.head.client_id == "us"
    found.close()


def test_list_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    book = begun(tmp_path)

    assert Book.take(book.path) is None
    assert not list(abandoned(tmp_path))
    book.close()


def test_list_is_gone_when_all_is_ended(tmp_path: Path) -> None:
    book = begun(tmp_path)
    asked = request("POST /customers/17/callouts", {})
    book.before(asked)
    book.after(asked, CALLOUT)
    assert book.has_callouts

    book.after(request("POST /callouts/7/cancel", {}), Response(200))
    book.close()

    assert not list(tmp_path.iterdir())


def test_request_without_an_answer_leaves_a_doubt(tmp_path: Path) -> None:
    book = begun(tmp_path)
    asked = request("POST /scheduled/guarding", {})
    book.before(asked)
    book.after(asked, None)

    assert book.uncertain == {"service guarding"}
    assert not book.is_settled
    book.discard()


def test_late_answer_does_not_open_a_cancelled_callout_again(tmp_path: Path) -> None:
    """A move that was on its way names the callout once more."""
    book = begun(tmp_path)
    asked = request("POST /deviceEvent", {"device_id": "b1"})
    book.after(asked, EVENT)
    book.after(request("POST /callouts/7/cancel", {}), Response(200))
    book.after(asked, EVENT)

    assert not book.things
    book.close()


def test_torn_last_line_is_left_out_and_the_list_goes_on(tmp_path: Path) -> None:
    book = begun(tmp_path)
    asked = request("POST /customers/17/callouts", {})
    book.before(asked)
    book.after(asked, CALLOUT)
    path = left_by_a_kill(book)
    path.write_bytes(path.read_bytes() + b'{"type":"end","kind":"callo')

    found = taken(path)
    found.end(Thing(Kind.CALLOUT, "7"))
    again = taken(left_by_a_kill(found))

    assert not again.things
    again.discard()


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.open.ndjson"
    path.write_bytes(content)
    try:
        book = Book.take(path)
    except BookError:
        return
    assert book
    book.close()


def test_damaged_list_does_not_hide_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "0.open.ndjson").write_text("nonsense\n")
    path = left_by_a_kill(begun(tmp_path))

    (book,) = abandoned(tmp_path)

    assert book.path == path
    assert "damaged" in caplog.text
    book.discard()


def test_list_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    book = begun(tmp_path / "open")

    assert book.path.stat().st_mode & 0o077 == 0
    assert book.path.parent.stat().st_mode & 0o077 == 0
    book.close()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "open").write_text("")

    with pytest.raises(StateError, match="AURASIM_STATE"):
        begun(tmp_path / "open")

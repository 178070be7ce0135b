"""What an inbox makes of deliveries: arrival, order, content, and what a server must not take."""

import asyncio
import io
import json
import socket
import threading

import aiohttp
import pytest

from simulator.aura.http import Request
from simulator.aura.listening import LARGEST_BODY, ReceiverPortError, WebhookReceiver
from simulator.aura.receiver import KEPT, Expected, Inbox, MissingWebhookError


def letter(event: str, callout: int = 1, **more: object) -> Request:
    """Return a delivery as AURA posts it."""
    body = {"message": event, "callout": {"id": callout, **more}}
    return Request("POST", "/webhooks", {"authorization": "Bearer mine"}, json.dumps(body).encode())


@pytest.fixture
def inbox() -> Inbox:
    """Return an inbox whose clock stands."""
    return Inbox(now=lambda: 1000.0)


def test_what_came_in_order_is_returned(inbox: Inbox) -> None:
    for event in ("NEW_CALLOUT", "CALLOUT_OWNED", "CALLOUT_CLOSED"):
        inbox.take(letter(event))

    met = inbox.expect("NEW_CALLOUT", "CALLOUT_CLOSED", within_s=0)

    assert [(arrival.number, arrival.event) for arrival in met] == [
        (1, "NEW_CALLOUT"),
        (3, "CALLOUT_CLOSED"),
    ]
    assert (met[0].at_s, met[0].entity_id) == (1000.0, "1")


def test_what_came_out_of_order_is_missing_unless_order_does_not_matter(inbox: Inbox) -> None:
    inbox.take(letter("CALLOUT_CLOSED"))
    inbox.take(letter("NEW_CALLOUT"))

    with pytest.raises(MissingWebhookError, match="CALLOUT_CLOSED did not come") as caught:
        inbox.expect("NEW_CALLOUT", "CALLOUT_CLOSED", within_s=0)
    assert caught.value.arrived == ("CALLOUT_CLOSED", "NEW_CALLOUT")
    assert len(inbox.expect("NEW_CALLOUT", "CALLOUT_CLOSED", within_s=0, in_order=False)) == 2


def test_one_arrival_meets_one_expectation(inbox: Inbox) -> None:
    inbox.take(letter("NEW_CALLOUT"))

    with pytest.raises(MissingWebhookError):
        inbox.expect("NEW_CALLOUT", "NEW_CALLOUT", within_s=0, in_order=False)


def test_content_is_compared_by_path_also_inside_lists(inbox: Inbox) -> None:
    incident = [{"responseType": {"value": "SECURITY"}}]
    inbox.take(letter("NEW_CALLOUT", 7, incidentInformation=incident))
    path = "incidentInformation.responseType.value"

    inbox.expect(Expected("NEW_CALLOUT", "7", {path: "SECURITY"}), within_s=0)

    with pytest.raises(MissingWebhookError, match=r"of 7, .*value = MEDICAL"):
        inbox.expect(Expected("NEW_CALLOUT", "7", {path: "MEDICAL"}), within_s=0)
    with pytest.raises(MissingWebhookError):
        inbox.expect(Expected("NEW_CALLOUT", "8"), within_s=0)


def test_a_repeated_delivery_is_marked(inbox: Inbox) -> None:
    for request in (letter("NEW_CALLOUT"), letter("NEW_CALLOUT", 2), letter("NEW_CALLOUT")):
        inbox.take(request)

    assert [arrival.is_repeated for arrival in inbox] == [False, False, True]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense", b'{"message": 1.5e999}'])
def test_what_is_no_delivery_is_refused_and_counted(inbox: Inbox, body: bytes) -> None:
    answer = inbox.take(Request("POST", "/", {}, body))

    assert (answer.status, inbox.refused, inbox.received) == (400, 1, 0)


def test_it_answers_as_told(inbox: Inbox) -> None:
    inbox.status = 503

    assert inbox.take(letter("NEW_CALLOUT")).status == 503


def test_memory_is_bounded_and_what_is_forgotten_counted(inbox: Inbox) -> None:
    for number in range(KEPT + 5):
        inbox.take(letter("NEW_CALLOUT", number))

    assert (len(list(inbox)), inbox.forgotten) == (KEPT, 5)
    inbox.take(letter("NEW_CALLOUT", 0))
    assert not list(inbox)[-1].is_repeated, "the first of its kind is forgotten"


def test_clearing_forgets_everything(inbox: Inbox) -> None:
    inbox.take(letter("NEW_CALLOUT"))
    inbox.clear()

    assert (list(inbox), inbox.received, inbox.forgotten) == ([], 0, 0)


def test_headers_and_contents_do_not_show_when_printed(inbox: Inbox) -> None:
    inbox.take(letter("NEW_CALLOUT", address="1 Main Street"))

    shown = repr(next(iter(inbox)))
    assert "mine" not in shown
    assert "Main Street" not in shown


def test_who_waits_is_woken_by_the_arrival(inbox: Inbox) -> None:
    bringer = threading.Timer(0.01, inbox.take, [letter("NEW_CALLOUT")])
    bringer.start()

    assert inbox.expect("NEW_CALLOUT", within_s=30)
    bringer.join()


async def _post(url: str, body: bytes | io.BytesIO, method: str = "POST") -> int:
    async with aiohttp.ClientSession() as http, http.request(method, url, data=body) as answer:
        return answer.status


def test_the_server_takes_deliveries_and_nothing_else() -> None:
    with WebhookReceiver() as receiver:
        assert asyncio.run(_post(receiver.url, letter("NEW_CALLOUT").body)) == 204
        assert asyncio.run(_post(receiver.url, b"", "GET")) == 405
        assert asyncio.run(_post(receiver.url, io.BytesIO(b" " * (LARGEST_BODY + 1)))) == 413
        arrived = receiver.inbox.expect("NEW_CALLOUT", within_s=10)

    assert arrived[0].entity_id == "1"
    assert receiver.inbox.received == 1


def test_a_port_in_use_is_said_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ReceiverPortError, match=r"in use.*--port") as caught:
            WebhookReceiver(port)

    assert (caught.value.port, caught.value.exit_code) == (port, 3)

"""What belongs to a callout: events, exception reasons, report, map, ratings."""

import pytest
import simpy

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Ruled


def test_a_message_joins_the_stream_and_is_told(caller: Caller, customer: int) -> None:
    path = f"/callouts/{caller.callout(customer)}/events"

    sent = caller.ask("POST", path, {"source": "customer", "event": "At the gate @admin"})

    listed = caller.ask("GET", path).items
    assert sent.body["calloutEventTags"] == [{"tag": "admin"}]
    assert listed == [sent.inside("calloutEvent")]
    assert listed[0]["event"] == {
        "message": "At the gate @admin",
        "senderRole": "customer",
        "supplierId": None,
    }
    assert caller.events()[-1] == "CALLOUT_EVENTS_CHANGED"


@pytest.mark.parametrize(
    "body", [{"source": "customer"}, {"event": "x"}, {"source": 1, "event": "x"}, {"message": "x"}]
)
def test_a_message_needs_source_and_text(
    caller: Caller, customer: int, body: dict[str, object]
) -> None:
    assert caller.ask("POST", f"/callouts/{caller.callout(customer)}/events", body).status == 400


def test_the_older_message_is_taken_where_that_is_set(ruled: Ruled) -> None:
    caller = ruled(accept_older=True)
    path = f"/callouts/{caller.callout(caller.customer())}/events"

    assert caller.ask("POST", path, {"message": "x"}).status == 200


def test_a_closed_callout_takes_no_messages(caller: Caller, customer: int) -> None:
    path = f"/callouts/{caller.closed_callout(customer)}/events"

    assert caller.ask("POST", path, {"source": "customer", "event": "x"}).status == 400
    assert caller.ask("GET", path).items == []


def test_exception_reasons_are_listed_and_linked(caller: Caller, customer: int) -> None:
    path = f"/callouts/{caller.callout(customer)}/exceptionReasons"

    listed = caller.ask("GET", path).items
    answer = caller.ask("POST", path, {"exceptionReasonId": 102, "notes": "a cat"})

    assert [reason["id"] for reason in listed] == [101, 102, 103]
    assert answer.inside("createdExceptionReason")["exceptionReasonId"] == 102


@pytest.mark.parametrize("body", [{}, {"exceptionReasonId": 7}, {"exceptionReasonId": "102"}])
def test_an_exception_needs_one_of_the_reasons(
    caller: Caller, customer: int, body: dict[str, object]
) -> None:
    path = f"/callouts/{caller.callout(customer)}/exceptionReasons"

    answer = caller.ask("POST", path, body)

    assert answer.status == 400
    assert "exceptionReasonId" in answer.message


@pytest.mark.parametrize("end", ["resolutionReport", "resolution-report", "maps"])
def test_artifacts_are_there_after_the_end_only(caller: Caller, customer: int, end: str) -> None:
    callout = caller.callout(customer)
    before = caller.ask("GET", f"/callouts/{callout}/{end}")
    caller.advance(callout)

    assert before.status == 404
    assert caller.ask("GET", f"/callouts/{callout}/{end}").status == 200
    assert caller.ask("GET", f"/callouts/7/{end}").status == 404


def test_the_report_tells_how_long_it_took(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    callout = caller.callout(customer)
    for seconds, state in [(10, "dispatched"), (300, "on-scene"), (900, "completed")]:
        env.run(until=seconds)
        caller.advance(callout, state)
    env.run(until=1000)
    caller.advance(callout)

    report = caller.ask("GET", f"/callouts/{callout}/resolutionReport").inside("report")

    assert (report["responseTimeSeconds"], report["resolutionTimeSeconds"]) == (300, 1000)
    assert report["dispatchedAt"] == "2026-06-10T08:30:10Z"
    assert report["outcome"] == "completed"


def test_the_report_of_a_cancelled_callout_says_so(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)
    caller.ask("POST", f"/callouts/{callout}/dismiss", {})

    report = caller.ask("GET", f"/callouts/{callout}/resolutionReport").inside("report")

    assert (report["outcome"], report["arrivedAt"]) == ("cancelled", None)
    assert report["responseTimeSeconds"] is None


def test_a_closed_callout_is_rated(caller: Caller, customer: int) -> None:
    body = {
        "calloutId": caller.closed_callout(customer),
        "rating": 4,
        "additionalDetails": "fast",
        "customerAllowedToBeContacted": True,
    }

    result = caller.ask("POST", "/ratings", body).inside("calloutRatingPostResult")

    assert {key: result[key] for key in body} == body


def test_an_open_callout_is_not_rated(caller: Caller, customer: int) -> None:
    body = {"calloutId": caller.callout(customer), "rating": 4}

    assert caller.ask("POST", "/ratings", body).status == 400


@pytest.mark.parametrize("rating", [0, 6, "5", None, 4.5])
def test_a_rating_is_one_to_five(caller: Caller, customer: int, rating: object) -> None:
    body = {"calloutId": caller.closed_callout(customer), "rating": rating}

    answer = caller.ask("POST", "/ratings", body)

    assert answer.status == 400
    assert "rating" in answer.message


def test_a_rating_item_is_created_then_changed(caller: Caller, customer: int) -> None:
    body = {"calloutId": caller.closed_callout(customer), "rating": 4}
    rating = caller.ask("POST", "/ratings", body).number("calloutRatingPostResult", "id")
    item = {"calloutRatingId": rating, "ratingItemDescription": "Speed", "ratingItemId": 3}

    first = caller.ask("POST", "/rating-items", {**item, "sentiment": "positive"})
    second = caller.ask("POST", "/rating-items", {**item, "sentiment": "negative"})

    listed = caller.ask("GET", "/rating-items").items
    result = first.inside("calloutRatingItemResults")
    assert second.inside("calloutRatingItemResults")["id"] == result["id"]
    assert [found["sentiment"] for found in listed] == ["negative"]
    assert caller.ask("POST", "/rating-items", {**item, "sentiment": "so-so"}).status == 400
    assert caller.ask("POST", "/rating-items", {**item, "calloutRatingId": 7}).status == 404


def test_the_older_comment_is_taken_where_that_is_set(ruled: Ruled) -> None:
    caller = ruled(accept_older=True)
    body = {"calloutId": caller.closed_callout(caller.customer()), "rating": 1, "comment": "slow"}

    result = caller.ask("POST", "/ratings", body).inside("calloutRatingPostResult")

    assert result["additionalDetails"] == "slow"


def test_callout_tokens_see_the_rating_items_of_their_customer_only(
    caller: Caller, customer: int
) -> None:
    body = {"calloutId": caller.closed_callout(customer), "rating": 4}
    rating = caller.ask("POST", "/ratings", body).number("calloutRatingPostResult", "id")
    item = {"calloutRatingId": rating, "ratingItemDescription": "Speed"}
    caller.ask("POST", "/rating-items", item)
    guest = caller.with_callout_token(caller.customer("+27820000001"))

    assert guest.ask("GET", "/rating-items").items == []
    assert guest.ask("POST", "/rating-items", item).status == 403

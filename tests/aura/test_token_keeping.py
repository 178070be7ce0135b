"""One token serves many requests, and is renewed when, and only when, it has to be."""

from collections.abc import Callable

import jwt
import pytest

from simulator.aura import (
    Call,
    CredentialsRefusedError,
    Pause,
    Request,
    Response,
    ServerFailedError,
    TargetUnreachableError,
    TransportError,
    TransportFailure,
    UnreadableAnswerError,
)
from simulator.aura.calls import callouts, sessions
from simulator.aura.types import Callout, CalloutId, CustomerId
from simulator.testing.scripted_aura import ScriptedAura, answer

CALLOUT = answer(200, {"callout": {"id": 7, "status": "created"}})
UNAUTHORISED = answer(401, {"message": "Token expired"})


def read_callout() -> Call[Callout]:
    return callouts.get(CalloutId(7))


def token(value: str, **fields: int) -> Response:
    return answer(200, {"accessToken": value, **fields})


def signed(**claims: int) -> str:
    return jwt.encode({"sub": "x", **claims}, "k" * 32, algorithm="HS256")


def bearers(aura: ScriptedAura) -> list[str]:
    return [request.headers["authorization"].removeprefix("Bearer ") for request in aura.asked]


def test_one_token_serves_a_hundred_calls() -> None:
    aura = ScriptedAura(CALLOUT)
    client = aura.client()

    for _ in range(100):
        client.call(read_callout())

    assert len(aura.asked) == 100
    assert len(aura.asked_tokens) == 1


def test_token_request_carries_the_credentials_and_no_authorization() -> None:
    aura = ScriptedAura(CALLOUT)

    aura.client().authenticate()

    (asked,) = aura.asked_tokens
    assert (asked.method, asked.path) == ("POST", "/panic-api/v2/oauth/token")
    assert asked.body == b'{"clientId":"client-1","clientSecret":"s3cr3t-of-client-1"}'
    assert "authorization" not in asked.headers


@pytest.mark.parametrize(
    "body",
    [
        {"accessToken": "a", "tokenType": "Bearer", "expiresIn": 600},
        {"access_token": "a", "token_type": "Bearer", "expires_in": 600},
        {"accessToken": "a", "expiresIn": "600"},
        {"data": {"accessToken": "a", "expiresIn": 600}},
    ],
)
def test_either_spelling_of_a_token_is_read(body: dict[str, str | int]) -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [answer(201, dict(body))]
    client = aura.client()

    client.call(read_callout())
    aura.sleep(530)
    client.call(read_callout())
    aura.sleep(20)
    client.call(read_callout())

    assert bearers(aura) == ["a", "a", "a"]
    assert len(aura.asked_tokens) == 2


@pytest.mark.parametrize(
    ("granted", "life_s"),
    [
        (lambda now_s: token("t", expiresIn=3600), 3600),
        (lambda now_s: token("t", expiresIn=now_s + 1800), 1800),
        (lambda now_s: token(signed(exp=now_s + 900)), 900),
        (lambda now_s: token(signed(exp=now_s + 900), expiresIn=3600), 900),
        (lambda now_s: token(signed(iat=now_s - 5000, exp=now_s - 4000), expiresIn=3600), 1000),
        (lambda now_s: token("t"), 3600),
        (lambda now_s: token("t", expiresIn=0), 3600),
        (lambda now_s: token(signed(exp=now_s - 10), expiresIn=1200), 1200),
        (lambda now_s: token(signed(exp=now_s - 10)), 3600),
        (lambda now_s: token("t", expiresIn=now_s - 50), 3600),
    ],
    ids=[
        "lifetime",
        "epoch",
        "exp",
        "exp-before-lifetime",
        "clock-skew",
        "silent",
        "zero",
        "exp-past",
        "exp-past-alone",
        "epoch-past",
    ],
)
def test_token_is_renewed_shortly_before_its_end(
    granted: Callable[[int], Response], life_s: int
) -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [granted(int(aura.now_s))]
    client = aura.client()
    early_s = min(60, life_s / 10)

    client.call(read_callout())
    aura.sleep(life_s - early_s - 1)
    client.call(read_callout())
    before = len(aura.asked_tokens)
    aura.sleep(2)
    client.call(read_callout())

    assert before == 1
    assert len(aura.asked_tokens) == 2


def test_answer_without_a_token_is_unreadable() -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [answer(200, {"token_type": "Bearer"})]

    with pytest.raises(UnreadableAnswerError, match="'accessToken' is not there"):
        aura.client().authenticate()


def test_refused_old_token_is_replaced_once_and_the_call_repeated() -> None:
    aura = ScriptedAura(UNAUTHORISED, CALLOUT)
    aura.tokens = [token("old", expiresIn=3600), token("new", expiresIn=3600)]

    callout = aura.client().call(read_callout())

    assert callout.id == 7
    assert bearers(aura) == ["old", "new"]
    assert aura.slept == []


def test_third_refusal_ends_the_call() -> None:
    aura = ScriptedAura(UNAUTHORISED)

    with pytest.raises(CredentialsRefusedError, match=r"GET /panic-api/v2/callouts/7 .* 401"):
        aura.client().call(read_callout())

    assert len(aura.asked) == 3
    assert len(aura.asked_tokens) == 3


@pytest.mark.parametrize("status", [400, 401])
def test_refused_credentials_are_not_tried_again(status: int) -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [answer(status, {"message": "Invalid client"})]

    with pytest.raises(CredentialsRefusedError, match=r"Invalid client.*AURA_CLIENT_ID") as refused:
        aura.client().call(read_callout())

    assert refused.value.status == status
    assert refused.value.exit_code == 3
    assert len(aura.asked_tokens) == 1
    assert aura.asked == []


def test_token_request_is_retried_when_the_failure_can_pass() -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [
        answer(502, "<html>Bad gateway</html>"),
        TransportError(TransportFailure.RESET),
        token("t", expiresIn=60),
    ]

    aura.client().call(read_callout())

    assert len(aura.asked_tokens) == 3
    assert len(aura.slept) == 2


def test_failed_early_renewal_leaves_the_old_token_in_use() -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [token("old", expiresIn=3600), answer(500)]
    client = aura.client()
    client.call(read_callout())

    aura.sleep(3550)
    client.call(read_callout())
    client.call(read_callout())

    assert bearers(aura) == ["old", "old", "old"]
    assert len(aura.asked_tokens) == 2
    assert aura.slept == [3550]


def test_failed_renewal_after_the_end_is_an_error() -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [token("old", expiresIn=3600), answer(500)]
    client = aura.client()
    client.call(read_callout())

    aura.sleep(3601)

    with pytest.raises(ServerFailedError, match="POST /panic-api/v2/oauth/token"):
        client.call(read_callout())


def test_unreachable_token_endpoint_says_so() -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [TransportError(TransportFailure.REFUSED)]

    with pytest.raises(TargetUnreachableError, match=r"oauth/token .*refused, after 4 attempts"):
        aura.client().call(read_callout())


def test_other_conversations_wait_while_one_asks_for_the_first_token() -> None:
    session = ScriptedAura().session()
    first, second = session.perform(read_callout()), session.perform(read_callout())

    asked = next(first)
    waiting = next(second)
    sent = first.send(token("t", expiresIn=3600))
    resumed = second.send(None)

    assert isinstance(asked, Request)
    assert asked.path.endswith("/oauth/token")
    assert isinstance(waiting, Pause)
    assert isinstance(sent, Request)
    assert isinstance(resumed, Request)
    assert resumed.headers["authorization"] == "Bearer t"


def test_others_go_on_with_the_old_token_while_one_renews_it() -> None:
    aura = ScriptedAura(CALLOUT)
    client = aura.client()
    client.call(read_callout())
    aura.sleep(3550)

    one, two = client.session.perform(read_callout()), client.session.perform(read_callout())
    renewing = next(one)
    other = next(two)

    assert isinstance(renewing, Request)
    assert renewing.path.endswith("/oauth/token")
    assert isinstance(other, Request)
    assert other.headers["authorization"] == "Bearer token-1"


def test_abandoned_token_request_does_not_block_the_next_conversation() -> None:
    session = ScriptedAura().session()
    abandoned = session.perform(read_callout())
    next(abandoned)

    abandoned.close()
    step = next(session.perform(read_callout()))

    assert isinstance(step, Request)


def test_conversation_that_waited_long_enough_asks_itself() -> None:
    session = ScriptedAura().session()
    hanging = session.perform(read_callout())
    next(hanging)
    waiting = session.perform(read_callout())

    steps = [next(waiting)]
    while isinstance(steps[-1], Pause) and len(steps) < 1000:
        steps.append(waiting.send(None))

    assert isinstance(steps[-1], Request)
    assert 10 < sum(step.seconds for step in steps if isinstance(step, Pause)) <= 60


def test_refusal_of_a_replaced_token_does_not_throw_the_new_one_away() -> None:
    aura = ScriptedAura(CALLOUT)
    aura.tokens = [token("old", expiresIn=3600), token("new", expiresIn=3600)]
    session = aura.session()
    one, two = session.perform(read_callout()), session.perform(read_callout())
    next(one)
    one.send(aura.tokens[0] if isinstance(aura.tokens[0], Response) else None)
    next(two)

    asking = one.send(UNAUTHORISED)
    one.send(token("new", expiresIn=3600))
    repeated = two.send(UNAUTHORISED)

    assert isinstance(asking, Request)
    assert asking.path.endswith("/oauth/token")
    assert isinstance(repeated, Request)
    assert repeated.headers["authorization"] == "Bearer new"


def test_callout_token_acts_for_itself_and_is_never_renewed() -> None:
    aura = ScriptedAura(
        answer(200, {"accessToken": "narrow", "expiresIn": 900}), CALLOUT, UNAUTHORISED
    )
    client = aura.client()
    grant = client.call(sessions.callout_token(CustomerId(178921)))
    client.session = client.session.scoped(grant.token(aura.now()))

    client.call(read_callout())
    aura.sleep(1000)
    with pytest.raises(CredentialsRefusedError):
        client.call(read_callout())

    assert aura.asked[0].body == b'{"customerId":178921}'
    assert bearers(aura) == ["token-1", "narrow", "narrow"]
    assert len(aura.asked_tokens) == 1


def test_request_answered_with_nothing_is_a_mistake_of_the_driver() -> None:
    conversation = ScriptedAura().session().perform(read_callout())
    next(conversation)

    with pytest.raises(TypeError, match="answered with None"):
        conversation.send(None)

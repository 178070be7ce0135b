"""What AURA answers when it does not agree, and what we make of it."""

import pickle
import traceback

import pytest

from simulator.aura import (
    AnswerReason,
    AuraAnswerError,
    AuraError,
    BadRequestError,
    CredentialsMissingError,
    RedirectRefusedError,
    RefusedTargetError,
    Response,
    ServerFailedError,
    StaleCallError,
    TargetRefusal,
    TargetUnreachableError,
    TransportError,
    TransportFailure,
    UnreadableAnswerError,
)
from simulator.aura.calls import callouts, devices
from simulator.aura.errors import error_type
from simulator.aura.types import CalloutId
from simulator.errors import ExitCode, SimulatorError
from simulator.testing.scripted_aura import ScriptedAura, answer

SECRETS = ("s3cr3t-of-client-1", "token-1")


def refusal(response: Response) -> AuraAnswerError:
    aura = ScriptedAura(response)
    with pytest.raises(AuraAnswerError) as refused:
        aura.client().call(devices.event({"device_id": 1}))
    return refused.value


def test_error_says_method_status_path_message_and_next_step() -> None:
    error = refusal(answer(400, {"message": "Unknown device."}))

    assert isinstance(error, BadRequestError)
    assert str(error) == (
        "POST /panic-api/v2/deviceEvent was answered 400: Unknown device. "
        "Correct the request; sending the same again gives the same answer."
    )


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"message": "a"}, "a"),
        ({"error": "b"}, "b"),
        ({"error": {"message": "c"}}, "c"),
        ({"errors": ["d", {"message": "e"}]}, "d; e"),
        ({"message": "", "error": "f"}, "f"),
        ({"odd": 1}, '{"odd":1}'),
        ("", "no body"),
        ("plain words", "'plain words'"),
        ("<html><title>502 Bad Gateway</title></html>", "a page '502 Bad Gateway'"),
        ("<html>oops</html>", "a page or document"),
        (b"\xff\xfe\x00", "'\ufffd\ufffd\x00'"),
        ('"just text"', "just text"),
        ("null", "no body"),
    ],
)
def test_message_is_found_in_whatever_body_there_is(body: str, detail: str) -> None:
    assert refusal(answer(400, body)).detail == detail


def test_long_page_is_cut() -> None:
    assert len(refusal(answer(400, "x" * 10_000)).detail) < 400


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_every_5xx_is_the_servers_failure(status: int) -> None:
    error = refusal(answer(status, "<html>"))

    assert isinstance(error, ServerFailedError)
    assert isinstance(error, OSError)
    assert error.exit_code is ExitCode.ENVIRONMENT


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_refused_and_says_so(status: int) -> None:
    aura = ScriptedAura(answer(status, location="https://elsewhere.example/"))

    with pytest.raises(RedirectRefusedError, match="Redirects are not followed"):
        aura.client().call(callouts.get(CalloutId(1)))

    assert len(aura.asked) == 1


def test_other_statuses_are_errors_without_a_family() -> None:
    error = refusal(answer(418, {"message": "teapot"}))

    assert type(error) is AuraAnswerError
    assert error.reason is AnswerReason.OTHER
    assert error.exit_code is ExitCode.FAILED


@pytest.mark.parametrize("body", ["", "<html>", "not json", "[]", "3", "{}", '{"message": "x"}'])
def test_success_that_cannot_be_read_is_an_error(body: str) -> None:
    aura = ScriptedAura(answer(200, body))

    with pytest.raises(UnreadableAnswerError, match=r"GET /panic-api/v2/callouts/1 .* 200"):
        aura.client().call(callouts.get(CalloutId(1)))


def test_every_reason_has_one_error() -> None:
    statuses = (400, 401, 403, 404, 409, 429, 500, 302, 418)
    reasons = [error_type(status).reason for status in statuses]

    assert {*reasons, UnreadableAnswerError.reason} == set(AnswerReason)


@pytest.mark.parametrize(
    "said",
    [
        "The pair client-1 / s3cr3t-of-client-1 is wrong",
        "Bearer token-1 is not known",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc-_123 has expired",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_no_error_shows_a_secret_that_aura_repeats(said: str, status: int) -> None:
    error = refusal(answer(status, {"message": said}))

    told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert "***" in str(error)
    assert not any(secret in told for secret in (*SECRETS, "eyJhbGci"))


def test_unreadable_token_answer_does_not_show_the_token() -> None:
    aura = ScriptedAura()
    aura.tokens = [answer(200, '{"accessToken": "very-private-token", ')]

    with pytest.raises(UnreadableAnswerError) as unreadable:
        aura.client().authenticate()

    assert "very-private" not in "".join(traceback.format_exception(unreadable.value))


def test_requests_and_responses_do_not_show_what_they_carry() -> None:
    aura = ScriptedAura(answer(200, {"callout": {"id": 1}}))
    aura.client().call(callouts.get(CalloutId(1)))

    shown = repr(aura.asked + aura.asked_tokens) + repr(aura.tokens)
    assert "/callouts/1" in shown
    assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("GET", "/x", 400, "no", attempts=1),
        ServerFailedError("GET", "/x", 500, "no"),
        TargetUnreachableError("GET", "/x", TransportFailure.TIMEOUT),
        TransportError(TransportFailure.RESET, "why"),
        StaleCallError("POST", "/x", 3.0),
        RefusedTargetError("no", TargetRefusal.PRODUCTION),
        CredentialsMissingError(("AURA_CLIENT_ID",)),
    ],
)
def test_errors_survive_a_process_boundary(error: AuraError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert isinstance(again, SimulatorError)

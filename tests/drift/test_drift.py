"""Two AURAs that answer alike do not differ; each way of drifting apart is found and named."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
import simpy
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura import Credentials, Request, Response, Secret, Session
from simulator.cli.drift import drift
from simulator.clock import epoch_s, wall_s
from simulator.drift import CONVERSATIONS, Conversation, Heard, Step, compare, play, shape_of
from simulator.drift.comparing import Kind
from simulator.drift.steps import Json
from simulator.drift.targets import given as given_to
from simulator.profile import load
from simulator.rng import Rng
from simulator.sandbox import Sandbox
from simulator.sandbox.compared import Comparison, keep, last_comparison, told

CALLOUT = Conversation(
    "callout",
    (
        Step("call", "POST", "/call", {}, keep={"callout": "callout.id"}),
        Step("read", "GET", "/callouts/{callout}", values=("callout.status", "callout.id")),
    ),
)


class Scripted:
    """An AURA that answers a token, then the given bodies in turn."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    async def send(self, request: Request) -> Response:
        if request.path.endswith("/oauth/token"):
            return Response(200, body=b'{"accessToken": "t", "expiresIn": 3600}')
        answer = self.answers.pop(0)
        return (
            answer
            if isinstance(answer, Response)
            else Response(200, {}, msgspec.json.encode(answer))
        )


def hear(*answers: object, conversation: Conversation = CALLOUT) -> list[Heard]:
    session = Session(Credentials("me", Secret("hush")), wall_s, Rng(0).stream(0, "retry"))
    return asyncio.run(play(conversation, session, Scripted(*answers), {}))


def differences(a: object, b: object) -> list[tuple[Kind, str, str, str]]:
    """Return how two readings of a callout differ."""
    call = {"callout": {"id": 7}}
    return [(d.kind, d.where, d.a, d.b) for d in compare(hear(call, a), hear(call, b))]


def callout(**fields: object) -> dict[str, object]:
    return {"callout": {"id": 7, "status": "created", **fields}}


def test_ids_times_words_and_order_do_not_count() -> None:
    a = callout(createdAt="2026-01-01T00:00:00Z", n=1)
    b = {"callout": {"n": 2, "createdAt": "2027", "status": "CREATED", "id": 7}}

    assert differences(a, b) == []


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        (
            callout(),
            callout(status="closed"),
            (Kind.TRANSITION, "callout.status", "created", "closed"),
        ),
        (callout(), callout(id=8), (Kind.VALUE, "callout.id", "the callout", "8")),
        (callout(), callout(url="x"), (Kind.FIELD, "callout.url", "absent", "string")),
        (callout(url="x"), callout(), (Kind.FIELD, "callout.url", "string", "absent")),
        (callout(lat=1.5), callout(lat="1.5"), (Kind.TYPE, "callout.lat", "number", "string")),
        (
            callout(),
            Response(404, {}, msgspec.json.encode(callout())),
            (Kind.STATUS, "", "200", "404"),
        ),
        (callout(), Response(200, {}, b"<html>"), (Kind.BODY, "", "JSON", "XML")),
        (callout(), Response(200), (Kind.BODY, "", "JSON", "empty")),
        (
            callout(items=[{"a": 1}]),
            callout(items=[{"a": 1}, {"b": 1}]),
            (Kind.FIELD, "callout.items[].b", "absent", "integer"),
        ),
    ],
)
def test_each_way_of_drifting_is_named(
    a: object, b: object, found: tuple[Kind, str, str, str]
) -> None:
    assert found in differences(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (callout(address=None), callout(address="Main Street")),
        (callout(place=None), callout(place={"latitude": 1})),
        (callout(items=[]), callout(items=[{"a": 1}])),
        (callout(items=[1, 2.5]), callout(items=[3.5])),
    ],
)
def test_what_says_nothing_is_no_difference(a: object, b: object) -> None:
    """A null and an empty list leave open what would be there."""
    assert differences(a, b) == []


def test_missing_part_is_told_once() -> None:
    assert len(differences(callout(part={"a": {"b": 1}}), callout())) == 1


def test_step_that_cannot_be_asked_is_a_difference() -> None:
    """Without the id there is nothing to read."""
    (found,) = [
        d
        for d in compare(hear({"callout": {"id": 7}}, callout()), hear({"callout": {}}))
        if d.kind is Kind.REACHED
    ]

    assert (found.step, found.a, found.b) == ("read", "asked", "not asked: no callout")


@given(body=st.binary(max_size=100), path=st.text(max_size=12))
def test_any_answer_has_a_shape(body: bytes, path: str) -> None:
    shape_of(Response(200, {}, body), (path, "a.b[].c"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_an_answer_does_not_differ_from_itself(body: object) -> None:
    assert differences(body, body) == []


def test_the_conversations_reach_their_end_on_the_sandbox() -> None:
    """Every step is asked, and none is answered by an error of the sandbox's."""
    heard = heard_of(lambda request, handle: handle(request))

    assert [one.step for one in heard if one.shape is None] == []
    assert len(heard) > 50
    assert not [one for one in heard if one.shape and one.shape.status >= 500]


def heard_of(between: Callable[[Request, Callable[[Request], Response]], Response]) -> list[Heard]:
    """Have all conversations with a sandbox behind something that rewrites its answers."""
    sandbox = Sandbox(simpy.Environment(), wall_s())
    credentials = Credentials(sandbox.demo.client_id, Secret(sandbox.demo.client_secret))

    class Between:
        async def send(self, request: Request) -> Response:
            return between(request, sandbox.handle)

    async def all_of() -> list[Heard]:
        session = Session(credentials, wall_s, Rng(0).stream(0, "retry"))
        profile = load("aura-structured")
        heard: list[Heard] = []
        for number, conversation in enumerate(CONVERSATIONS):
            known: Mapping[str, Json] = given_to(profile, number)
            heard += await play(conversation, session, Between(), known)
        return heard

    return asyncio.run(all_of())


def test_aura_that_renames_a_field_and_closes_too_early_is_found() -> None:
    """As the whole command sees it, all conversations, one sandbox against a changed one."""

    def changed(request: Request, handle: Callable[[Request], Response]) -> Response:
        answer = handle(request)
        body = answer.body.replace(b'"url":', b'"trackingUrl":')
        if request.path.endswith("/cancel"):
            body = body.replace(b"Responder Cancelled", b"closed")
        return Response(answer.status, answer.headers, body)

    plain = heard_of(lambda request, handle: handle(request))
    found = compare(plain, heard_of(changed))

    assert {(d.kind, d.where) for d in found} == {
        *(
            (Kind.FIELD, f"{at}{name}")
            for at in ("callout.", "[].")
            for name in ("url", "trackingUrl")
        ),
        (Kind.TRANSITION, "callout.status"),
    }


def comparison(at: str) -> Comparison:
    return Comparison(
        target="https://x", tier="staging", at=at, version="1", steps=56, differences=2
    )


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-06-10T09:00:00Z", "12 days ago (2026-06-10): 2 differences in 56 steps"),
        ("2026-06-22T01:00:00Z", "today"),
        ("2026-06-21T10:00:00Z", "yesterday"),
        ("2027-01-01T00:00:00Z", "today"),
    ],
)
def test_age_of_the_last_comparison_is_told(tmp_path: Path, at: str, said: str) -> None:
    now_s = epoch_s("2026-06-22T12:00:00Z")
    keep(comparison(at), tmp_path)

    assert said in told(now_s, tmp_path)


@pytest.mark.parametrize("found", [None, b"", b"{}", b'{"format":2}', b"\xff"])
def test_without_a_comparison_that_can_be_read_it_is_said_how_to_make_one(
    tmp_path: Path, found: bytes | None
) -> None:
    if found is not None:
        (tmp_path / "drift.json").write_bytes(found)

    assert last_comparison(tmp_path) is None
    assert "aurasim drift" in told(0.0, tmp_path)


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AURASIM_STATE", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_command_compares_with_a_served_sandbox(
    own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a name that is no loopback, so that it counts as another AURA."""
    command = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout
        told_of = json.loads(served.stdout.readline())
        monkeypatch.setenv("AURASIM_PROXY", told_of["baseUrl"].removesuffix("/panic-api/v2"))
        monkeypatch.setenv("AURA_CLIENT_ID", told_of["clientId"])
        monkeypatch.setenv("AURA_CLIENT_SECRET", told_of["clientSecret"])
        url = "http://lab.example/panic-api/v2"
        done = CliRunner().invoke(drift, ["--b", url, "--allow", "lab.example", "--json"])
        served.terminate()

    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["differences"] == []
    last = last_comparison(own_state)
    assert last
    assert (last.target, last.tier, last.differences) == (url, "other", 0)
    assert list((own_state / "open").iterdir()) == []


def test_production_is_no_side(own_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURA_CLIENT_ID", "me")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "hush")
    url = "https://panic.aura.services/panic-api/v2"

    done = CliRunner().invoke(drift, ["--b", url, "--allow", "panic.aura.services"])

    assert "armed responders" in str(done.exception)

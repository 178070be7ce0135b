"""What every request passes on its way out: TEST, the ceiling, the open list, and the resolver."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura import (
    STAGING_HOST,
    HttpTransport,
    RefusedTargetError,
    Request,
    Target,
    TargetRefusal,
    Tier,
    TransportError,
    TransportFailure,
)
from simulator.aura.access import Access, AccessError
from simulator.aura.book import Book
from simulator.aura.ceiling import Ceiling
from simulator.aura.classified import as_test
from simulator.aura.guard import RATES_S, ceiling_of
from simulator.aura.resolving import GuardedResolver

LAB = "lab.example"
CALLOUT_PATHS = [
    "/panic-api/v2/customers/17/callouts",
    "/panic-api/v2/callouts",
    "/panic-api/v2/callouts/",
    "/panic-api/v2/Callouts?x=1",
    "/panic-api/v2/%63allouts",
]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a state folder of its own."""
    monkeypatch.setenv("AURASIM_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def callout(**fields: object) -> bytes:
    return msgspec.json.encode({"location": {"latitude": 1, "longitude": 2}, **fields})


# TEST on every callout


@pytest.mark.parametrize("path", CALLOUT_PATHS)
def test_callout_that_leaves_it_open_is_marked_as_a_test(path: str) -> None:
    sent = as_test(Request("POST", path, body=callout()))

    assert msgspec.json.decode(sent.body)["calloutClassificationId"] == 2


@pytest.mark.parametrize("path", CALLOUT_PATHS)
@pytest.mark.parametrize("said", [1, 3, "2", 2.5, True, [2]])
def test_callout_that_says_it_is_anything_but_a_test_is_not_sent(path: str, said: object) -> None:
    with pytest.raises(RefusedTargetError, match="TEST"):
        as_test(Request("POST", path, body=callout(calloutClassificationId=said)))


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'{"a":1,}', b"\xff"])
def test_callout_that_cannot_be_read_is_not_sent(body: bytes) -> None:
    with pytest.raises(RefusedTargetError, match="no JSON object"):
        as_test(Request("POST", "/callouts", body=body))


def test_the_last_of_two_classifications_does_not_slip_through() -> None:
    body = b'{"calloutClassificationId": 2, "calloutClassificationId": 1}'

    with pytest.raises(RefusedTargetError):
        as_test(Request("POST", "/callouts", body=body))


@given(st.binary(max_size=60), st.sampled_from(CALLOUT_PATHS))
def test_whatever_a_callout_says_it_leaves_as_a_test_or_not(body: bytes, path: str) -> None:
    try:
        sent = as_test(Request("POST", path, body=body))
    except RefusedTargetError:
        return
    assert msgspec.json.decode(sent.body)["calloutClassificationId"] == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/customers/1/callouts"),
        ("POST", "/deviceEvent"),
        ("POST", "/callouts/1/cancel"),
        ("POST", "/predefinedLocations/externalRef/site_1/callouts"),
    ],
)
def test_what_takes_no_classification_is_left_as_it_is(method: str, path: str) -> None:
    request = Request(method, path, body=b'{"a":1}')

    assert as_test(request) is request


# The ceiling


def test_ceiling_lets_a_few_pass_and_then_spreads_the_rest(tmp_path: Path) -> None:
    ceiling = Ceiling(tmp_path / "c", 10.0, burst=3, now=lambda: 1000.0)

    pauses = [round(ceiling.pause_s(), 6) for _ in range(6)]

    assert pauses == [0.0, 0.0, 0.0, 0.1, 0.2, 0.3]


def test_ceiling_holds_for_all_processes_together(tmp_path: Path) -> None:
    """Two that share the file share the rate; neither knows of the other."""
    ceilings = [Ceiling(tmp_path / "c", 10.0, burst=1, now=lambda: 1000.0) for _ in range(2)]

    pauses = [round(ceilings[turn % 2].pause_s(), 6) for turn in range(4)]

    assert pauses == [0.0, 0.1, 0.2, 0.3]


def test_ceiling_recovers_while_nobody_sends(tmp_path: Path) -> None:
    now = [1000.0]
    ceiling = Ceiling(tmp_path / "c", 10.0, burst=2, now=lambda: now[0])
    for _ in range(5):
        ceiling.pause_s()

    now[0] += 60.0

    assert [ceiling.pause_s(), ceiling.pause_s()] == [0.0, 0.0]


@pytest.mark.parametrize("found", [b"", b"nonsense", b"9999999999999", b"nan", b"-5", b"\xff"])
def test_ceiling_survives_what_a_clock_or_a_crash_left(tmp_path: Path, found: bytes) -> None:
    """A clock that was set back must not hold requests for hours."""
    (tmp_path / "c").write_bytes(found)

    ceiling = Ceiling(tmp_path / "c", 10.0, burst=1, now=lambda: 1000.0)

    assert [ceiling.pause_s(), round(ceiling.pause_s(), 6)] == [0.0, 0.1]


def test_only_this_machine_has_no_ceiling() -> None:
    allowed = (LAB, STAGING_HOST)
    staging, lab = (
        Target(f"https://{STAGING_HOST}", allowed=allowed),
        Target(f"https://{LAB}", allowed=allowed),
    )
    ceilings = [ceiling_of(t) for t in (staging, lab, Target("http://127.0.0.1:9"))]

    assert [c and c.rate_s for c in ceilings] == [
        RATES_S[Tier.STAGING],
        RATES_S[Tier.OTHER],
        None,
    ]


# What the user allows


def access(folder: Path, text: str = "", **environment: str) -> Access:
    (folder / "aurasim.toml").write_text(text)
    return Access.read(environment=environment, folder=folder)


@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_staging_is_allowed_by_flag_environment_or_file(tmp_path: Path, way: str) -> None:
    if way == "flag":
        found = Access.read(allowed=(STAGING_HOST,), environment={}, folder=tmp_path)
    elif way == "environment":
        found = access(tmp_path, AURASIM_ALLOW=f"{LAB}, {STAGING_HOST}")
    else:
        found = access(tmp_path, f'allow = ["{STAGING_HOST}"]')

    assert found.target("staging").tier is Tier.STAGING


def test_nothing_is_allowed_by_default(tmp_path: Path) -> None:
    with pytest.raises(RefusedTargetError):
        access(tmp_path).target("staging")


def test_no_file_environment_or_name_opens_production(tmp_path: Path) -> None:
    text = """
        allow = ["panic.aura.services"]
        targets.live.url = "https://panic.aura.services/panic-api/v2"
    """
    found = access(
        tmp_path,
        text,
        AURASIM_ALLOW="panic.aura.services",
        AURA_BASE_URL="https://panic.aura.services",
    )

    for name in ("live", "staging", "https://panic.aura.services/panic-api/v2"):
        with pytest.raises(RefusedTargetError, match="armed responders"):
            found.target(name)


def test_named_target_has_its_rate_and_its_credentials(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    secret.chmod(0o600)
    text = f"""
        [targets.lab]
        url = "https://{LAB}/v2"
        rate = 3
        client_id = "us"
        secret_file = "{secret}"
    """
    found = access(tmp_path, text, AURA_CLIENT_ID="other", AURA_CLIENT_SECRET="other")

    assert found.target("lab").rate_s == 3
    assert found.credentials("lab").client_id == "us"
    assert found.credentials("lab").client_secret.reveal() == "hush"


def test_rate_of_staging_cannot_be_raised_without_bound(tmp_path: Path) -> None:
    text = f"""
        allow = ["{STAGING_HOST}"]
        targets.us = {{url = "https://{STAGING_HOST}/panic-api/v2", rate = 900}}
    """

    assert access(tmp_path, text).target("us").rate_s == 50


@pytest.mark.parametrize(
    "text",
    [
        "allow = 1",
        "nonsense = 1",
        "rate = 51",
        "rate = 0",
        "targets.lab = {}",
        "[targets.lab]\nurl = 'https://lab.example'\nclient_secret = 'hush'",
        "[[[",
    ],
)
def test_file_that_cannot_be_used_is_refused_without_its_secrets(tmp_path: Path, text: str) -> None:
    with pytest.raises(AccessError) as refused:
        access(tmp_path, text)

    assert "hush" not in str(refused.value)


@given(text=st.text(max_size=80))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = folder / "any.toml"
    path.write_text(text, "utf-8", errors="surrogatepass")
    try:
        Access.read(environment={"AURASIM_CONFIG": str(path)})
    except AccessError:
        return


def test_config_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="not there"):
        Access.read(environment={"AURASIM_CONFIG": str(tmp_path / "none.toml")})


# What a name resolves to

PRODUCTION_ADDRESS = "203.0.113.7"


def resolver(
    host: str, *addresses: str, canonical: str = "", down: bool = False
) -> GuardedResolver:
    """Return a resolver of a network where production has one address, and `host` these."""

    async def look_up(name: str, port: int, family: int) -> list[tuple[object, ...]]:
        del family
        if name == host:
            found = addresses
        elif name == "panic.aura.services" and not down:
            found = (PRODUCTION_ADDRESS,)
        else:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, canonical if not i else "", (address, port))
            for i, address in enumerate(found)
        ]

    return GuardedResolver((host, LAB, STAGING_HOST), look_up)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "canonical", ["panic.aura.services", "PANIC.aura.services.", "x.panic.aura.services"]
)
@pytest.mark.parametrize("host", [LAB, STAGING_HOST, "localhost"])
async def test_alias_of_production_is_refused(host: str, canonical: str) -> None:
    """A CNAME, or the first name of a line in a hosts file."""
    with pytest.raises(RefusedTargetError) as refused:
        await resolver(host, "198.51.100.1", canonical=canonical).resolve(host)

    assert refused.value.reason is TargetRefusal.PRODUCTION


@pytest.mark.parametrize("address", [PRODUCTION_ADDRESS, f"::ffff:{PRODUCTION_ADDRESS}"])
async def test_name_with_an_address_of_production_is_refused(address: str) -> None:
    with pytest.raises(RefusedTargetError, match="armed responders"):
        await resolver(LAB, "198.51.100.1", address).resolve(LAB)


async def test_address_of_production_is_refused_as_a_host() -> None:
    with pytest.raises(RefusedTargetError, match="armed responders"):
        await resolver(PRODUCTION_ADDRESS, PRODUCTION_ADDRESS).resolve(PRODUCTION_ADDRESS)


async def test_localhost_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(RefusedTargetError, match="does not lead to this machine"):
        await resolver("localhost", "127.0.0.1", "198.51.100.1").resolve("localhost")


async def test_staging_may_share_an_address_with_production() -> None:
    """It is known by its own name and its own certificate."""
    found = await resolver(STAGING_HOST, PRODUCTION_ADDRESS).resolve(STAGING_HOST, 443)

    assert [one["host"] for one in found] == [PRODUCTION_ADDRESS]


@pytest.mark.parametrize("down", [False, True])
async def test_other_name_resolves_to_what_is_then_connected_to(down: bool) -> None:
    """Where production's name cannot be resolved, there is nothing to compare with."""
    found = await resolver(LAB, "198.51.100.1", down=down).resolve(LAB, 443)

    assert [(one["host"], one["port"]) for one in found] == [("198.51.100.1", 443)]


# The wire

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[int]]


@pytest.fixture
async def listening() -> AsyncIterator[Serve]:
    """Return a function that serves a handler on a port of this machine."""
    runners: list[web.ServerRunner] = []

    async def start(handler: Handler) -> int:
        runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return int(runner.addresses[0][1])

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_proxies_of_the_environment_see_nothing(
    listening: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where HTTP_PROXY points, even at production, does not matter."""
    seen: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    async def aura(request: web.BaseRequest) -> web.Response:
        return web.Response(text=request.raw_path)

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{await listening(proxy)}")
    async with HttpTransport(Target(f"http://127.0.0.1:{await listening(aura)}")) as transport:
        answer = await transport.send(Request("GET", "/x"))

    assert (answer.body, seen) == (b"/x", [])


async def test_proxy_of_the_configuration_carries_requests(listening: Serve) -> None:
    """A name that only the proxy can resolve has been judged as a name."""
    seen: list[tuple[str, str]] = []

    async def proxy(request: web.BaseRequest) -> web.Response:
        seen.append((request.raw_path, (await request.read()).decode()))
        return web.Response(status=400)

    port = await listening(proxy)
    target = Target(
        f"http://{LAB}:8080", allowed=(LAB,), rate_s=1000, proxy_url=f"http://127.0.0.1:{port}"
    )
    async with HttpTransport(target) as transport:
        await transport.send(Request("POST", "/panic-api/v2/callouts", body=b"{}"))

    assert seen == [(f"http://{LAB}:8080/panic-api/v2/callouts", '{"calloutClassificationId":2}')]


async def test_redirect_to_production_is_not_followed(listening: Serve) -> None:
    seen: list[str] = []

    async def aura(request: web.BaseRequest) -> web.Response:
        seen.append(request.headers.get("authorization", ""))
        return web.Response(status=307, headers={"location": "https://panic.aura.services/x"})

    async with HttpTransport(Target(f"http://127.0.0.1:{await listening(aura)}")) as transport:
        answer = await transport.send(Request("POST", "/x", {"authorization": "Bearer t"}))

    assert (answer.status, seen) == (307, ["Bearer t"])


async def test_a_stream_of_requests_stays_under_the_ceiling(
    listening: Serve, own_state: Path
) -> None:
    """All tasks of a process together; the waits are asked of the event loop, not slept here."""
    target = Target(f"http://{LAB}", allowed=(LAB,), rate_s=5.0)
    slept: list[float] = []
    from simulator.aura.guard import Guard

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    guard = Guard(target, Book.begin(target, "me"), sleep)
    await asyncio.gather(*(guard.before(Request("GET", "/x")) for _ in range(20)))

    assert sorted(slept)[:5] == [0.0] * 5
    assert max(slept) == pytest.approx(3.0, abs=0.6)
    assert (own_state / "ceilings" / LAB).is_file()


@pytest.fixture
def no_folder(own_state: Path) -> None:
    """Let the folder of the lists be a file."""
    own_state.mkdir()
    (own_state / "open").write_text("")


@pytest.mark.usefixtures("no_folder")
async def test_what_cannot_be_written_down_is_not_sent(listening: Serve) -> None:
    """A full disk ends the same way."""
    seen: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    url = f"http://127.0.0.1:{await listening(proxy)}"
    target = Target(f"http://{LAB}", allowed=(LAB,), proxy_url=url)
    async with HttpTransport(target) as transport:
        with pytest.raises(TransportError) as failed:
            await transport.send(Request("POST", "/callouts", body=b"{}"))

    assert failed.value.reason is TransportFailure.UNWRITTEN
    assert not failed.value.may_have_arrived
    assert seen == []


async def test_real_callout_is_refused_before_anything_is_sent(listening: Serve) -> None:
    target = Target(f"http://{LAB}", allowed=(LAB,), proxy_url="http://127.0.0.1:9")
    async with HttpTransport(target) as transport:
        with pytest.raises(RefusedTargetError, match="TEST"):
            await transport.send(
                Request("POST", "/callouts", body=callout(calloutClassificationId=1))
            )


async def test_request_without_an_owner_is_on_a_list_all_the_same(
    listening: Serve, own_state: Path
) -> None:
    """Somebody's own script: what it left open, the next command can end."""

    async def proxy(request: web.BaseRequest) -> web.Response:
        return web.json_response({"callout": {"id": 7, "customerId": 17}})

    url = f"http://127.0.0.1:{await listening(proxy)}"
    target = Target(f"http://{LAB}", allowed=(LAB,), proxy_url=url)
    async with HttpTransport(target) as transport:
        await transport.send(Request("POST", "/customers/17/callouts", body=b"{}"))

    (path,) = (own_state / "open").iterdir()
    book = Book.take(path)
    assert book
    assert [str(thing) for thing in book.things] == ["callout 7"]
    book.close()

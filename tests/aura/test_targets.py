"""Production is refused in every spelling, and so is everybody who was not named."""

from urllib.parse import urlsplit

import pytest

from simulator.aura import (
    STAGING_HOST,
    STAGING_URL,
    RefusedTargetError,
    Request,
    Target,
    TargetRefusal,
    Tier,
)
from simulator.errors import InputError

PRODUCTION = [
    "https://panic.aura.services/panic-api/v2",
    "https://PANIC.aura.services",
    "https://Panic.Aura.Services/panic-api/v2",
    "https://panic.aura.services./panic-api/v2",
    "https://panic.aura.services..",
    "https://panic.aura.services:443/",
    "https://panic.aura.services:8443",
    "http://panic.aura.services",
    "https://aura.services",
    "https://dev-panic.aura.services/panic-api/v2",
    "https://api.panic.aura.services",
    "https://x.staging-panic.aura.services",
    "https://not-staging-panic.aura.services",
    "https://api.aurasos.com",
    "https://aurasos.com./panic-api/v2",
    "https://xn--pnic-5cd.aura.services",
]
TRICKS = [
    "https://staging-panic.aura.services@panic.aura.services",
    "https://user:pass@panic.aura.services/",
    "https://panic%2eaura.services",
    "https://%70anic.aura.services",
    "https://p\u0430nic.aura.services",
    "https://panic\u3002aura\u3002services",
    "https://\uff50anic.aura.services",
    "https://panic.aura.services\\@localhost",
    "https://localhost\\.panic.aura.services",
    "https://panic.aura.ser\tvices",
    "https://panic.aura.services\n",
    " https://panic.aura.services",
    "https:panic.aura.services",
    "//panic.aura.services",
    "panic.aura.services",
    "https://localhost#@panic.aura.services",
    "https://localhost?@panic.aura.services",
    "ftp://localhost",
    "https://",
    "",
    "https://localhost:99999",
]


def staging() -> Target:
    """Return staging, allowed."""
    return Target.parse(STAGING_URL, allowed=(STAGING_HOST,))


EVERYBODY = (
    "panic.aura.services",
    "PANIC.AURA.SERVICES.",
    "aura.services",
    "dev-panic.aura.services",
)


@pytest.mark.parametrize("url", PRODUCTION)
def test_production_is_refused_even_when_it_is_allowed_by_name(url: str) -> None:
    host = urlsplit(url).hostname or ""

    with pytest.raises(RefusedTargetError, match="armed responders") as refused:
        Target.parse(url, allowed=(host, *EVERYBODY))

    assert refused.value.reason is TargetRefusal.PRODUCTION
    assert isinstance(refused.value, InputError)


@pytest.mark.parametrize("url", TRICKS)
def test_url_that_hides_its_host_is_refused(url: str) -> None:
    with pytest.raises(RefusedTargetError):
        Target.parse(url, allowed=EVERYBODY)


def test_refusal_does_not_repeat_a_password() -> None:
    with pytest.raises(RefusedTargetError) as refused:
        Target.parse("https://me:hush@panic.aura.services")

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("origin", ["https://panic.aura.services", "https://u@PANIC.aura.services"])
def test_target_for_production_cannot_be_made_by_hand(origin: str) -> None:
    with pytest.raises(RefusedTargetError):
        Target(origin, allowed=("panic.aura.services",))


@pytest.mark.parametrize(
    ("url", "origin", "prefix", "tier"),
    [
        (STAGING_URL, f"https://{STAGING_HOST}", "/panic-api/v2", Tier.STAGING),
        (f"https://{STAGING_HOST.upper()}./v/", f"https://{STAGING_HOST}", "/v", Tier.STAGING),
        ("http://127.0.0.1:3005/dev/v2", "http://127.0.0.1:3005", "/dev/v2", Tier.SANDBOX),
        ("http://localhost:80", "http://localhost:80", "", Tier.SANDBOX),
        ("http://[::1]:8080/a//", "http://[::1]:8080", "/a", Tier.SANDBOX),
        ("https://lab.example/x", "https://lab.example", "/x", Tier.OTHER),
    ],
)
def test_accepted_url_is_taken_apart(url: str, origin: str, prefix: str, tier: Tier) -> None:
    target = Target.parse(url, allowed=("LAB.example.", STAGING_HOST))

    assert (target.origin, target.prefix, target.tier) == (origin, prefix, tier)


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://10.0.0.1", "http://0x7f.1", "http://localhost.evil"]
)
def test_stranger_is_refused(url: str) -> None:
    with pytest.raises(RefusedTargetError, match="not an allowed target") as refused:
        Target.parse(url)

    assert refused.value.reason is TargetRefusal.NOT_ALLOWED


def test_staging_is_reached_over_tls_only() -> None:
    with pytest.raises(RefusedTargetError, match="unencrypted"):
        Target.parse(f"http://{STAGING_HOST}/panic-api/v2", allowed=(STAGING_HOST,))


def test_request_is_put_behind_the_origin_as_it_is() -> None:
    target = staging()

    url = target.url(Request("GET", "/panic-api/v2/devices/a%2Fb?x=1"))

    assert str(url) == f"https://{STAGING_HOST}/panic-api/v2/devices/a%2Fb?x=1"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "panic-api",
        "@panic.aura.services/",
        ".evil.example/",
        ":80@panic.aura.services/",
        "/a b",
        "/a\r\nHost: panic.aura.services",
        "https://panic.aura.services/",
    ],
)
def test_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(RefusedTargetError):
        staging().url(Request("GET", path))


@pytest.mark.parametrize("path", ["//panic.aura.services/x", "/../x", "/%00"])
def test_path_never_becomes_a_host(path: str) -> None:
    assert staging().url(Request("GET", path)).raw_host == STAGING_HOST


@pytest.mark.parametrize("name", ["host", "Host", "HOST"])
def test_request_cannot_name_another_host_in_a_header(name: str) -> None:
    request = Request("GET", "/x", {name: "panic.aura.services"})

    with pytest.raises(RefusedTargetError, match="another host"):
        staging().url(request)


def test_target_that_was_tampered_with_is_caught_at_the_request() -> None:
    target = staging()
    object.__setattr__(target, "origin", "https://panic.aura.services")

    with pytest.raises(RefusedTargetError, match="armed responders"):
        target.url(Request("GET", "/x"))


def test_staging_is_a_stranger_until_it_is_allowed() -> None:
    """The default base URL alone sends nothing; the message says how to allow it."""
    with pytest.raises(RefusedTargetError, match=f"--allow {STAGING_HOST}") as refused:
        Target.parse(STAGING_URL)

    assert refused.value.reason is TargetRefusal.NOT_ALLOWED


@pytest.mark.parametrize(
    "host",
    ["panic\u3002aura\u3002services", "\uff50anic.aura.services", "pan\u00adic.aura.services"],
)
def test_host_is_judged_in_the_spelling_that_is_resolved(host: str) -> None:
    """Full-width letters and other dots are production too, when a target is made by hand."""
    with pytest.raises(RefusedTargetError):
        Target(f"https://{host}", allowed=(host, "panic.aura.services"))


def test_allowed_host_may_be_written_with_umlauts() -> None:
    allowed = ("Lab\u00f6r.example",)

    assert Target("https://xn--labr-7qa.example", allowed=allowed).tier is Tier.OTHER


@pytest.mark.parametrize(
    "proxy",
    [
        "http://panic.aura.services:3128",
        "https://user:pass@PANIC.aura.services.:443",
        "http://panic%2eaura.services:80",
        f"http://{STAGING_HOST}:80",
        "http://proxy.example:3128",
        "socks5://127.0.0.1:1080",
        "127.0.0.1:3128",
    ],
)
def test_proxy_is_judged_as_a_target_is(proxy: str) -> None:
    """Whatever it is given, a proxy sees the token."""
    with pytest.raises(RefusedTargetError) as refused:
        Target("https://lab.example", allowed=("lab.example", STAGING_HOST), proxy_url=proxy)

    assert "pass" not in str(refused.value)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:3128", "http://proxy.example:3128"])
def test_proxy_that_is_allowed_serves(proxy: str) -> None:
    allowed = ("lab.example", "proxy.example")

    assert Target("https://lab.example", allowed=allowed, proxy_url=proxy).proxy_url == proxy

"""Where frames may go: this machine, named hosts, never production; and which network by what."""

import pytest

from simulator.aura import RefusedTargetError, TargetRefusal
from simulator.errors import InputError
from simulator.native import Delivery, DeliveryError, Endpoint
from simulator.profile import load


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("http://127.0.0.1:8000/sigfox", "http://127.0.0.1:8000", "/sigfox"),
        ("http://localhost/hook?key=1", "http://localhost:80", "/hook?key=1"),
        ("https://LOCALHOST./x", "https://localhost:443", "/x"),
        ("tcp://127.0.0.1:7001", "tcp://127.0.0.1:7001", ""),
        ("udp://[::1]:7001", "udp://[::1]:7001", ""),
        ("mqtt://127.0.0.1", "mqtt://127.0.0.1:1883", ""),
    ],
)
def test_endpoints_are_urls(url: str, origin: str, path: str) -> None:
    """With the ports that schemes have."""
    endpoint = Endpoint.parse(url)

    assert (endpoint.origin, endpoint.path) == (origin, path)
    assert str(endpoint) == origin + path


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:7001", "tcp://127.0.0.1", "ftp://127.0.0.1:1", "tcp://:7001", "tcp://h:70001",
     "http://me:secret@127.0.0.1/x"],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(url: str) -> None:
    """With an example of one."""
    with pytest.raises(DeliveryError):
        Endpoint.parse(url)


@pytest.mark.parametrize("scheme", ["http", "https", "tcp", "udp", "mqtt"])
@pytest.mark.parametrize("host", ["panic.aura.services", "aura.services", "x.AURA.services."])
def test_production_is_refused_whatever_is_allowed(scheme: str, host: str) -> None:
    """No allow list opens it."""
    with pytest.raises(RefusedTargetError) as caught:
        Endpoint.parse(f"{scheme}://{host}:9", allowed=(host, "aura.services"))
    assert caught.value.reason is TargetRefusal.PRODUCTION


def test_aura_staging_is_no_middleware() -> None:
    """It speaks no native protocol."""
    with pytest.raises(RefusedTargetError, match="your middleware"):
        Endpoint.parse("https://staging-panic.aura.services/x")


def test_other_hosts_have_to_be_named() -> None:
    """Beyond loopback nothing is sent to by accident."""
    with pytest.raises(RefusedTargetError):
        Endpoint.parse("tcp://gateway.example:7001")
    assert Endpoint.parse("tcp://gateway.example:7001", allowed=("gateway.example",)).port == 7001


def test_a_profile_may_have_an_endpoint_of_its_own() -> None:
    """An equals sign inside a URL belongs to the URL."""
    delivery = Delivery.parse(
        ["http://127.0.0.1:1/hook?token=a", "gt06=tcp://127.0.0.1:2"], ["sigfox-legacy+strings"]
    )

    assert str(delivery.endpoint(load("simplepack-plus"))) == "http://127.0.0.1:1/hook?token=a"
    assert str(delivery.endpoint(load("gt06"))) == "tcp://127.0.0.1:2"
    assert delivery.envelope_name(load("simplepack-plus")) == "sigfox-legacy+strings"
    assert delivery.envelope_name(load("milesight-ws101")) == "tts"
    assert delivery.envelope_name(load("gt06")) == ""


@pytest.mark.parametrize(
    ("profile", "to", "says"),
    [
        ("simplepack-plus", "tcp://127.0.0.1:1", "http or https, not tcp"),
        ("gt06", "http://127.0.0.1:1", "tcp or udp, not http"),
        ("milesight-ws101", "udp://127.0.0.1:1", "not udp"),
        ("shelly-blu-button1", "http://127.0.0.1:1", "a scanner hears it"),
        ("gt06", "eview-ev07b=tcp://127.0.0.1:1", "Add --to gt06=URL"),
    ],
)
def test_networks_are_delivered_by_what_carries_them(profile: str, to: str, says: str) -> None:
    """And the refusal says what would do."""
    with pytest.raises(DeliveryError, match=says):
        Delivery.parse([to]).check([load(profile)])


def test_an_envelope_has_to_be_of_the_network() -> None:
    """One that is named for a profile, that is; a general one is for whom it fits."""
    button = load("milesight-ws101")
    to = ["http://127.0.0.1:1"]

    with pytest.raises(DeliveryError, match="try tts"):
        Delivery.parse(to, ["milesight-ws101=sigfox"]).check([button])
    with pytest.raises(InputError, match="no envelope"):
        Delivery.parse(to, ["nonsense"]).check([button])
    Delivery.parse(to, ["chirpstack"]).check([button])


def test_strangers_in_the_list_are_a_mistake() -> None:
    """A typo in a profile's name would send its frames elsewhere."""
    with pytest.raises(DeliveryError, match="gt60"):
        Delivery.parse(["tcp://127.0.0.1:1", "gt60=tcp://127.0.0.1:2"]).check([load("gt06")])


def test_somewhere_has_to_be_named() -> None:
    """No default."""
    with pytest.raises(DeliveryError, match="--to URL"):
        Delivery.parse([])

"""Credentials come from the environment and are never shown."""

import copy
import json
from collections.abc import Callable

import msgspec
import pytest

from simulator.aura import STAGING_URL, Credentials, CredentialsMissingError, Secret

BOTH = {"AURA_CLIENT_ID": "me", "AURA_CLIENT_SECRET": "hush"}


def test_credentials_are_read_from_the_environment() -> None:
    found = Credentials.from_environment({**BOTH, "AURA_BASE_URL": "http://localhost:1/x"})

    assert found == Credentials("me", Secret("hush"), "http://localhost:1/x")
    assert found.client_secret.reveal() == "hush"


def test_base_url_is_staging_when_not_set() -> None:
    assert Credentials.from_environment(BOTH).base_url == STAGING_URL


@pytest.mark.parametrize("name", sorted(BOTH))
@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_missing_variable_is_named(name: str, blank: str) -> None:
    with pytest.raises(CredentialsMissingError, match=f"{name} not set") as missing:
        Credentials.from_environment({**BOTH, name: blank})

    assert missing.value.names == (name,)
    assert missing.value.exit_code == 3


def test_both_missing_variables_are_named() -> None:
    with pytest.raises(CredentialsMissingError, match="AURA_CLIENT_ID and AURA_CLIENT_SECRET"):
        Credentials.from_environment({})


def test_secret_is_never_shown() -> None:
    secret = Secret("hush")
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>10}",
        f"{secret!r}",
        repr([secret]),
        repr(Credentials("me", secret)),
    ]

    assert not any("hush" in text for text in shown)
    assert repr(secret) == "***"


@pytest.mark.parametrize("write", [json.dumps, msgspec.json.encode])
def test_secret_cannot_be_written_as_json(write: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        write({"secret": Secret("hush")})


def test_secrets_are_compared_by_what_they_hide() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), copy.copy(Secret("b"))}) == 2

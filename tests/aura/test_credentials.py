"""Credentials come from the environment and are never shown."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from simulator.aura import STAGING_URL, Credentials, CredentialsMissingError, Secret
from simulator.aura.credentials import SecretFileError

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


def filed(folder: Path, content: bytes, mode: int = 0o600) -> dict[str, str]:
    """Return an environment that names a file with this content and mode."""
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return {"AURA_CLIENT_ID": "me", "AURA_CLIENT_SECRET_FILE": str(path)}


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_secret_is_read_from_a_file_that_is_ours_alone(tmp_path: Path, mode: int) -> None:
    found = Credentials.from_environment(filed(tmp_path, b" hush\n", mode))

    assert found.client_secret == Secret("hush")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o610])
def test_secret_file_that_others_may_touch_is_refused_with_the_remedy(
    tmp_path: Path, mode: int
) -> None:
    with pytest.raises(SecretFileError, match=f"chmod 600 {tmp_path}/secret") as refused:
        Credentials.from_environment(filed(tmp_path, b"hush", mode))

    assert refused.value.exit_code == 3
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b" \n", b"a\0b", b"\xff\xfe", b"x" * 5000])
def test_secret_file_without_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SecretFileError, match="secret"):
        Credentials.from_environment(filed(tmp_path, content))


def test_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    environment = {"AURA_CLIENT_ID": "me", "AURA_CLIENT_SECRET_FILE": str(tmp_path / "none")}

    with pytest.raises(SecretFileError, match="none cannot be read"):
        Credentials.from_environment(environment)


def test_folder_is_no_secret_file(tmp_path: Path) -> None:
    environment = {"AURA_CLIENT_ID": "me", "AURA_CLIENT_SECRET_FILE": str(tmp_path)}

    with pytest.raises(SecretFileError):
        Credentials.from_environment(environment)


def test_secret_is_asked_of_the_keyring_last() -> None:
    """By client id; the environment and a file come before it."""
    asked: list[str] = []

    def keyring(client_id: str) -> str | None:
        asked.append(client_id)
        return "from the ring"

    ringed = Credentials.from_environment({"AURA_CLIENT_ID": "me"}, keyring)
    Credentials.from_environment(BOTH, keyring)

    assert ringed.client_secret.reveal() == "from the ring"
    assert asked == ["me"]


def test_system_without_a_keyring_is_no_error() -> None:
    with pytest.raises(CredentialsMissingError, match="AURA_CLIENT_SECRET not set"):
        Credentials.from_environment({"AURA_CLIENT_ID": "me"})

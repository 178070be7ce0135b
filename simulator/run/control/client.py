"""Asks a running fleet to do something: the other side of the endpoint."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from simulator.errors import InputError, UnavailableError
from simulator.run.control.server import FILE_NAME

_PATIENCE_S = 15.0
_BROKEN = (OSError, http.client.HTTPException, msgspec.DecodeError, RecursionError)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NoControlError(UnavailableError):
    """Nothing listens for commands: there is no such run, or it has ended."""


class RefusedError(InputError):
    """The run answered that it cannot do what was asked."""


class _Address(msgspec.Struct):
    url: str
    token: str


class ControlClient:
    """Speaks to the run of a folder; raises `NoControlError` where there is none that listens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / FILE_NAME
        try:
            self._address = msgspec.json.decode(path.read_bytes(), type=_Address)
        except (OSError, msgspec.DecodeError) as error:
            raise self._nobody("no run listens there") from error
        host = urlsplit(self._address.url).hostname
        if host not in _LOOPBACK:
            message = f"{path} names {host}, which is not this machine. Nothing is sent there."
            raise InputError(message)

    def ask(self, deed: str, order: object) -> dict[str, object]:
        """Send a command; return the answer. Raises `RefusedError` with what the run says."""
        place = urlsplit(self._address.url)
        connection = http.client.HTTPConnection(
            place.hostname or "", place.port, timeout=_PATIENCE_S
        )
        headers = {
            "Authorization": f"Bearer {self._address.token}",
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", f"/{deed}", msgspec.json.encode(order), headers)
            response = connection.getresponse()
            answer: dict[str, object] = msgspec.json.decode(response.read())
        except _BROKEN as error:
            raise self._nobody(f"the run does not answer ({error})") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise RefusedError(str(answer.get("error", answer)))
        return answer

    def _nobody(self, why: str) -> NoControlError:
        return NoControlError(
            f"{self._folder}: {why}. A run listens while it goes by the wall clock: start one with "
            "--clock real or --clock scaled=60, and name its folder with --run."
        )

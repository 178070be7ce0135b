"""The fast transport over TLS: what is trusted is used, what is not is a typed failure."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.aura import Request, Target, TransportError, TransportFailure
from simulator.load.wire import Wire
from tests.load.hostile import OK, request

ASK = Request("POST", "/panic-api/v2/deviceEvent", {"content-type": "application/json"}, b"{}")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2120, 1, 1, tzinfo=UTC)


def certificate(folder: Path, *, ends: datetime, address: str = "127.0.0.1") -> Path:
    """Write a certificate for an address, with its key, and return its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(LONG_AGO)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "cert.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@asynccontextmanager
async def secure(path: Path) -> AsyncIterator[str]:
    """Serve two hundreds over TLS while the block runs; yields the base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    writers: list[asyncio.StreamWriter] = []

    async def each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            while True:
                await request(reader)
                writer.write(OK)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(each, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/panic-api/v2"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


async def outcome(path: Path, *, trusts: bool) -> int | TransportError:
    """Return what a request to a server with this certificate came to."""
    trust = ssl.create_default_context(cafile=str(path) if trusts else None)
    async with secure(path) as url:
        wire = Wire(Target.parse(url), connections=2, trust=trust)
        try:
            statuses = [(await wire.send(ASK)).status for _ in range(3)]
        except TransportError as error:
            return error
        finally:
            await wire.close()
    assert wire.opened == 1
    return statuses[-1]


async def test_a_trusted_certificate_is_used(tmp_path: Path) -> None:
    assert await outcome(certificate(tmp_path, ends=FAR_AHEAD), trusts=True) == 200


@pytest.mark.parametrize(
    ("ends", "address", "trusts"),
    [
        (LONG_AGO + timedelta(days=1), "127.0.0.1", True),
        (FAR_AHEAD, "127.0.0.2", True),
        (FAR_AHEAD, "127.0.0.1", False),
    ],
    ids=["expired", "of another host", "not trusted"],
)
async def test_a_certificate_that_does_not_do_is_named(
    tmp_path: Path, ends: datetime, address: str, trusts: bool
) -> None:
    seen = await outcome(certificate(tmp_path, ends=ends, address=address), trusts=trusts)

    assert isinstance(seen, TransportError)
    assert seen.reason is TransportFailure.TLS
    assert seen.detail

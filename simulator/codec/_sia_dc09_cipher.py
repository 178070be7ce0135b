"""AES-CBC of DC-09: zero IV, hex text, padding before the text up to whole blocks."""

from itertools import cycle, islice

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulator.codec._contract import FrameError

BLOCK = 16

_NAME = "sia_dc09"
_KEY_SIZES = (16, 24, 32)
# The standard pads with anything but marks of the frame; a fixed filling keeps a run repeatable.
_FILLING = b"ABCDEFGHIJKLMNOP"


def _cipher(key: bytes) -> "Cipher[modes.CBC]":
    if len(key) not in _KEY_SIZES:
        raise FrameError(_NAME, f"the key must have 16, 24 or 32 bytes, not {len(key)}")
    return Cipher(algorithms.AES(key), modes.CBC(bytes(BLOCK)))


def decrypt(data: bytes, key: bytes) -> bytes:
    """Return the plain text with the padding before it."""
    if not data or len(data) % BLOCK:
        raise FrameError(_NAME, f"{len(data)} encrypted bytes are no whole blocks of {BLOCK}")
    decryptor = _cipher(key).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def encrypt(padded: bytes, key: bytes) -> bytes:
    """Return a text of whole blocks encrypted."""
    encryptor = _cipher(key).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def padding(size: int) -> bytes:
    """Return what makes a text of this size whole blocks."""
    return bytes(islice(cycle(_FILLING), -size % BLOCK))

"""BTHome v2: what a BLE button or sensor advertises as service data of UUID FCD2.

Byte 0 says version, encryption, whether the address follows and whether the device sleeps between
events. What repeats and what replays is for the scanner to tell: see `_bthome_replay`.
"""

from functools import lru_cache
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from simulator.codec._bthome_values import decode_objects, encode_objects
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.frame import Value

_NAME = "ble_bthome_v2"
_UUID = b"\xd2\xfc"
_VERSION = 0x40
_ENCRYPTED, _MAC, _SLEEPY, _RESERVED = 0x01, 0x02, 0x04, 0x18
_LONGEST = 1650  # all data of an extended advertisement
_TAIL = 8  # counter and tag of an encrypted frame


class BTHome(Codec):
    """Plain and encrypted service data; encryption needs `key` and, without `mac`, `address`."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of the objects; a wrong key is a `FrameError`.

        A plain frame is decoded although a key is known: `encrypted` says what it was.

        >>> CODEC.decode(bytes.fromhex("44000101643a04"))["buttons"]
        ['long']
        """
        if not 2 <= len(frame) <= _LONGEST:
            reason = f"a frame has 2 to {_LONGEST} bytes, this one {len(frame)}"
            raise FrameError(_NAME, reason)
        info = frame[0]
        if info & 0xE0 != _VERSION:
            raise FrameError(_NAME, f"byte 0: version {info >> 5} is not 2")
        head = _decode_head(frame)
        payload = frame[7:] if info & _MAC else frame[1:]
        if not info & _ENCRYPTED:
            return decode_objects(payload) | head
        mac = frame[6:0:-1] if info & _MAC else _address(context)
        plain = _decrypted(payload, _nonce_head(mac, info), context)
        counter = int.from_bytes(payload[-_TAIL:-4], "little")
        head |= {"encryption_counter": counter, "plaintext_hex": plain.hex()}
        return decode_objects(plain) | head

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame; `encrypted` (or, without a word of it, a key) asks for encryption."""
        fields = Fields(_NAME, values)
        is_encrypted = fields.flag("encrypted", context.key is not None)
        info = _encode_info(fields, is_encrypted)
        mac = fields.hexadecimal("mac", 6) if "mac" in fields else b""
        head = bytes((info,)) + mac[::-1]
        if not is_encrypted:
            return head + _filled(encode_objects(values))
        raw = fields.hexadecimal("plaintext_hex") if "plaintext_hex" in fields else b""
        payload = raw or _filled(encode_objects(values))
        counter = fields.integer("encryption_counter", 0, 0xFFFFFFFF).to_bytes(4, "little")
        nonce = _nonce_head(mac or _address(context), info) + counter
        if len(payload) > _LONGEST:
            reason = f"{len(payload)} bytes of objects are more than an advertisement holds"
            raise FrameError(_NAME, reason)
        sealed = _cipher(_key(context)).encrypt(nonce, payload, None)
        return head + sealed[:-4] + counter + sealed[-4:]


def _decode_head(frame: bytes) -> dict[str, Value]:
    info = frame[0]
    head: dict[str, Value] = {
        "encrypted": bool(info & _ENCRYPTED),
        "sleepy": bool(info & _SLEEPY),
    }
    if info & _RESERVED:
        head["reserved_bits"] = info & _RESERVED
    if info & _MAC:
        if len(frame) < 8:
            raise FrameError(_NAME, f"byte 1: address and objects expected, {len(frame) - 1} left")
        head["mac"] = frame[6:0:-1].hex(":").upper()
    return head


def _encode_info(fields: Fields, is_encrypted: bool) -> int:
    reserved = fields.integer("reserved_bits", 0, _RESERVED) if "reserved_bits" in fields else 0
    if reserved & ~_RESERVED:
        fields.refuse("reserved_bits", f"must be within the mask {_RESERVED:#x}")
    flags = is_encrypted * _ENCRYPTED | ("mac" in fields) * _MAC
    return _VERSION | flags | fields.flag("sleepy", False) * _SLEEPY | reserved


def _filled(payload: bytes) -> bytes:
    if not payload:
        raise FrameError(_NAME, "none of the values is a BTHome object")
    return payload


def _nonce_head(mac: bytes, info: int) -> bytes:
    return mac + _UUID + bytes((info,))


def _decrypted(payload: bytes, nonce_head: bytes, context: Context) -> bytes:
    if len(payload) <= _TAIL:
        raise FrameError(_NAME, f"{len(payload)} bytes are too few for an encrypted payload")
    nonce = nonce_head + payload[-_TAIL:-4]
    try:
        return _cipher(_key(context)).decrypt(nonce, payload[:-_TAIL] + payload[-4:], None)
    except InvalidTag as error:
        message = "the integrity check fails: the key or the address is another, or it is damaged"
        raise FrameError(_NAME, message) from error


def _key(context: Context) -> bytes:
    if context.key is None:
        raise FrameError(_NAME, "an encrypted frame needs the bind key of the device")
    if len(context.key) != 16:
        raise FrameError(_NAME, f"a bind key has 16 bytes, this one {len(context.key)}")
    return context.key


def _address(context: Context) -> bytes:
    if context.address is None:
        raise FrameError(_NAME, "an encrypted frame without address needs that of the advertiser")
    return Fields(_NAME, {"address": context.address}).hexadecimal("address", 6)


@lru_cache(maxsize=1024)
def _cipher(key: bytes) -> AESCCM:
    return AESCCM(key, tag_length=4)


CODEC = BTHome()

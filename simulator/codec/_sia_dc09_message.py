"""The text of a DC-09 message between its first quote and its end, plain or encrypted."""

import re

from simulator.codec import _sia_dc09_cipher as cipher
from simulator.codec import _sia_dc09_events as events
from simulator.codec import _sia_dc09_extended as extended
from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields, shown
from simulator.frame import Value

_NAME = events.NAME
_ACCOUNT = r"[0-9A-Za-z]{1,16}"
_TEXT = re.compile(
    r'"(?P<token>\*?[A-Z][A-Z-]{1,9})"(?P<sequence>\d{4})(?:R(?P<receiver>[0-9A-Fa-f]{1,6}))?'
    rf"(?:L(?P<line>[0-9A-Fa-f]{{1,6}}?))?(?:(?P<nobody>A0)|#(?P<account>{_ACCOUNT}))?"
    r"\[(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_NAMELESS = {"NAK", "DUH"}  # answers that name no account write A0 in its place
_DATA = re.compile(r"([^\[\]]*)\](.*)", re.DOTALL)
_PREFIX = re.compile(rf"(?:#({_ACCOUNT})\|?|\|)?", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_MOST_PADDING = 64
_HEADS = {
    "sequence": re.compile(r"\d{4}", re.ASCII),
    "receiver": re.compile(r"[0-9A-Fa-f]{1,6}"),
    "line_prefix": re.compile(r"[0-9A-Fa-f]{0,6}"),
    "account": re.compile(_ACCOUNT),
    "token": re.compile(r"\*?[A-Z][A-Z-]{1,9}"),
}


def read(text: str, key: bytes | None) -> dict[str, Value]:
    """Return the values of a message; of an encrypted one without a key only its head."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise FrameError(_NAME, f'no "token" sequence Lprefix #account [: {text[:60]!r}')
    values = _read_head(found)
    if not found["token"].startswith("*"):
        return values | _read_rest(found["token"], found["account"], found["rest"])
    values["encrypted"] = True
    if not _HEX.fullmatch(found["rest"]):
        raise FrameError(_NAME, f"encrypted data is not hex: {found['rest'][:40]!r}")
    if key is None:
        return values | {"ciphertext_hex": found["rest"]}
    return values | _open(found, key)


def _read_head(found: re.Match[str]) -> dict[str, Value]:
    values: dict[str, Value] = {"token": found["token"], "sequence": found["sequence"]}
    if found["receiver"] is not None:
        values["receiver"] = found["receiver"]
    values["line_prefix"] = found["line"] or ""
    if found["account"] is not None:
        values["account"] = found["account"]
    is_nameless = found["token"].removeprefix("*") in _NAMELESS
    if (found["nobody"] is not None) != (is_nameless and found["account"] is None):
        values["account_mark"] = found["nobody"] or ""
    return values


def _read_rest(token: str, account: str | None, rest: str) -> dict[str, Value]:
    found = _DATA.fullmatch(rest)
    behind = extended.read(found[2]) if found else None
    if found is None or behind is None:
        raise FrameError(_NAME, f"the data block does not end, or text follows it: {rest[:60]!r}")
    return _read_data(token, account, found[1]) | behind


def _read_data(token: str, account: str | None, block: str) -> dict[str, Value]:
    prefix = _PREFIX.match(block)
    start = prefix.end() if prefix else 0
    data, *blocks = [block[start:]] if "^" in block else block[start:].split("|")
    values = events.read(token, data)
    inside = prefix[1] if prefix else None
    if account is None and inside is not None:
        values |= {"account": inside, "account_in_header": False}
    if block[:start] != _usual_prefix(account or inside, block[start:]):
        values["data_prefix"] = block[:start]
    if len(blocks) == 1 and blocks[0].startswith("A"):
        return values | {"text": blocks[0][1:]}
    return values | ({"data_blocks": list(blocks)} if blocks else {})


def _usual_prefix(account: str | None, data: str) -> str:
    return f"#{account}|" if data and account is not None else ("|" if data else "")


def _open(found: re.Match[str], key: bytes) -> dict[str, Value]:
    plain = cipher.decrypt(bytes.fromhex(found["rest"]), key).decode("latin-1")
    token = found["token"].removeprefix("*")
    for start in range(min(len(plain), _MOST_PADDING)):
        if plain[start] not in "|]":
            continue
        values = _try_rest(token, found["account"], plain[start:].removeprefix("|"))
        if values is not None:
            break
    else:
        raise FrameError(_NAME, "the message does not open with this key")
    values |= {
        "plaintext_tail": plain[start:],
        "padding_hex": plain[:start].encode("latin-1").hex(),
    }
    if plain[start] != "|":
        values["has_bar"] = False
    return values | ({"is_lower_hex": True} if found["rest"] != found["rest"].upper() else {})


def _try_rest(token: str, account: str | None, rest: str) -> dict[str, Value] | None:
    """Read plain text from a place that may still be inside the padding."""
    try:
        values = _read_rest(token, account, rest)
    except FrameError:
        return None
    is_sound = "time" in values and (
        token not in events.KNOWN or events.is_understood(token, values)
    )
    return values if is_sound else None


def write(values: Values, key: bytes | None) -> str:
    """Return the text of a message; an encrypted one needs the key and the time."""
    fields = Fields(_NAME, values)
    token = _word(fields, "token")
    head = f'"{token}"{_word(fields, "sequence")}'
    if "receiver" in fields:
        head += f"R{_word(fields, 'receiver')}"
    line = _word(fields, "line_prefix") if "line_prefix" in fields else "0"
    head += f"L{line}" if line else ""
    head += f"{_account(fields, token.removeprefix('*'))}["
    if not token.startswith("*"):
        return head + _rest(fields, token)
    if key is None:
        return head + _ciphertext(fields)
    return head + _close(fields, token.removeprefix("*"), key)


def _account(fields: Fields, token: str) -> str:
    if "account_mark" in fields:
        return fields.choice("account_mark", {"": "", "A0": "A0"}) or _named(fields)
    return "A0" if token in _NAMELESS and "account" not in fields else _named(fields)


def _named(fields: Fields) -> str:
    is_named = "account" in fields and fields.flag("account_in_header", True)
    return f"#{_word(fields, 'account')}" if is_named else ""


def _rest(fields: Fields, token: str) -> str:
    data, has_text = events.write(fields, token)
    if "data_blocks" in fields:
        blocks = [block for block in fields.words("data_blocks") if isinstance(block, str)]
        data = "|".join([data, *blocks])
        if any(mark in "[]\r\n" or mark > "\xff" for mark in data):
            fields.refuse("data_blocks", f"cannot be written: {shown(data)}")
    elif "text" in fields and not has_text:
        data += f"|A{events.free_text(fields, 'text', '[]|^')}"
    account = _word(fields, "account") if "account" in fields else None
    prefix = _usual_prefix(account, data)
    if "data_prefix" in fields:
        prefix = events.free_text(fields, "data_prefix", "[]^")
    return f"{prefix}{data}]{extended.write(fields)}"


def _ciphertext(fields: Fields) -> str:
    if "ciphertext_hex" not in fields:
        fields.refuse("token", "asks for encryption: the context has no key")
    text = fields.text("ciphertext_hex", most=8000).decode()
    if not _HEX.fullmatch(text):
        fields.refuse("ciphertext_hex", f"is not hex: {shown(text)}")
    return text


def _close(fields: Fields, token: str, key: bytes) -> str:
    fields.value("time")
    bar = "|" if fields.flag("has_bar", True) else ""
    text = f"{bar}{_rest(fields, token)}".encode("latin-1")
    pad = fields.hexadecimal("padding_hex") if "padding_hex" in fields else b""
    if (len(pad) + len(text)) % cipher.BLOCK:
        pad = cipher.padding(len(text))
    data = cipher.encrypt(pad + text, key).hex()
    return data if fields.flag("is_lower_hex", False) else data.upper()


def _word(fields: Fields, name: str) -> str:
    text = fields.text(name, most=20).decode()
    if not _HEADS[name].fullmatch(text):
        fields.refuse(name, f"cannot be {shown(text)}")
    return text

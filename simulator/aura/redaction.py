"""Bodies of requests and answers as they may be written down: without secrets, and not endless."""

import re

_SECRETS = re.compile(
    r'("(?:access_?token|refresh_?token|client_?secret|authorization|token)"\s*:\s*")[^"]*',
    re.IGNORECASE,
)
_TOKENS = re.compile(r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")
_LONGEST = 4096  # characters of a body that are kept


def without_secrets(body: bytes) -> str:
    """Return a body as a text that may be shown: tokens and client secrets become `***`."""
    text = body.decode("utf-8", "replace")
    return _TOKENS.sub("***", _SECRETS.sub(r"\1***", text))


def kept(body: bytes) -> str:
    """Return what a journal keeps of a body."""
    text = without_secrets(body)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"

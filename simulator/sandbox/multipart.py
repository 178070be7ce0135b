"""Form bodies with files, read by the standard library's mail parser: the formats are the same."""

from email import policy
from email.message import Message
from email.parser import BytesParser

from simulator.sandbox.refusal import RefusedError, malformed

FORM = "multipart/form-data"


def form_fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the fields of a form by name; of two with one name the last."""
    if not content_type.lower().startswith(FORM):
        raise RefusedError(400, f"Content-Type: must be {FORM}.")
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise malformed("body", "is no form with parts.")
    found = ((_name(part), part.get_payload(decode=True)) for part in message.iter_parts())
    return {name: content for name, content in found if name and isinstance(content, bytes)}


def _name(part: Message) -> str | None:
    name = part.get_param("name", header="content-disposition")
    return name if isinstance(name, str) else None

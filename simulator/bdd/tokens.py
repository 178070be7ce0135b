"""The tokens that the requests of a scenario are sent with."""

from dataclasses import dataclass


@dataclass(slots=True)
class Grants:
    """What was granted so far. Mutable: tokens are fetched when they are needed."""

    server: str = ""
    server_until_s: float = 0.0
    other: str = ""

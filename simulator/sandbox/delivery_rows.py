"""Webhooks as rows: who is to be told of what, how badly the post works, and every letter."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from simulator.sandbox.rows import Row


class NotifierConfig(Struct, frozen=True, kw_only=True):
    """One registration, as AURA shows it."""

    url: str
    events: tuple[str, ...]
    method: str = "webhook"
    headers: dict[str, str] = {}


class Notifier(Row, frozen=True, kw_only=True):
    """The one active webhook of a customer source."""

    id: str = "notifier"
    config: NotifierConfig


class DeliveryMode(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How deliveries go wrong: copies sent besides, share lost, delay, every second one overtaken.

    `events` holds it to some events; none named means all.
    """

    id: str = "mode"
    duplicates: Annotated[int, Meta(ge=0, le=10)] = 0
    drop: Annotated[float, Meta(ge=0, le=1)] = 0.0
    delay_s: Annotated[float, Meta(ge=0, le=86400)] = 0.0
    reorder_s: Annotated[float, Meta(ge=0, le=86400)] = 0.0
    events: tuple[str, ...] = ()


class Progress(StrEnum):
    """What became of a delivery."""

    UNREGISTERED = "unregistered"  # nobody asked for the event
    KEPT = "kept"  # asked for, but this sandbox was not told how to deliver
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class Delivery(Row, frozen=True, kw_only=True):
    """One letter, sent or not; together they are the log of what happened at a tenant."""

    id: int
    event: str
    entity: str
    entity_id: int | str
    body: str
    created_s: float
    url: str | None = None
    progress: Progress
    due_s: float | None = None
    answer: str | None = None  # a status, or what went wrong

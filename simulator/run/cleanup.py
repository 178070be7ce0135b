"""Ending what an open list says is open: callouts first, for people may be driving to them.

The same is done at the end of a run, on Ctrl-C, by the next command after a kill, and by
`aurasim cleanup`.
"""

from dataclasses import dataclass, field

from msgspec.structs import replace

from simulator.aura import (
    AsyncClient,
    AuraError,
    BadRequestError,
    Call,
    Repeat,
    TargetUnreachableError,
)
from simulator.aura.book import Book
from simulator.aura.calls import callouts, customers, devices, fixed_locations, scheduled
from simulator.aura.openings import Kind, Thing
from simulator.aura.types import Callout, CalloutId, CustomerId, LocationId

_HARMLESS = ("mobile ", "serial ", "location ")
"""What AURA cannot be searched for, and nobody drives to: told once."""
_PATIENCE = 3  # so often nobody answers before the rest is left to the next command


@dataclass(slots=True)
class Swept:
    """What came of it; `left` says what is open still, or may be, and why. Mutable while made."""

    ended: list[Thing] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unreachable: int = 0  # how often nobody answered

    def __str__(self) -> str:
        counts = {kind: sum(t.kind is kind for t in self.ended) for kind in Kind}
        said = [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts.items() if n]
        return ", ".join(said) or "nothing"


async def sweep(book: Book, client: AsyncClient) -> Swept:
    """End what a list says is open; the client's transport writes the endings into the list.

    Whatever fails stays on the list. Raises AuraError only where nobody can be asked at all.
    """
    swept = Swept()
    if book.is_settled:
        return swept
    await client.authenticate()
    if book.has_callouts:
        await _callouts(book, client, swept)
    for thing in book.things:
        if thing.kind is not Kind.CALLOUT:
            await _end(book, client, thing, swept)
        if swept.unreachable >= _PATIENCE:
            break
    if swept.unreachable >= _PATIENCE:
        swept.left.append(f"{len(book.things)} things in all, for the target does not answer")
        return swept
    for what in sorted(book.uncertain):
        if what.startswith(_HARMLESS):
            book.uncertain.discard(what)
            swept.remarks.append(f"something may have been made for {what}; AURA cannot be asked")
        else:
            swept.left.append(f"a response may be under way for {what}; look in the AURA portal")
    return swept


async def _callouts(book: Book, client: AsyncClient, swept: Swept) -> None:
    """Cancel the callouts of the list, and those that requests without an answer opened."""
    suspects = _suspects(book)
    known = {thing.id: thing for thing in book.things if thing.kind is Kind.CALLOUT}
    active, is_whole = await _active(client, set(suspects.values()))
    if active is not None:
        found = {str(one.id): one for one in active}
        for name in known.keys() - found.keys():
            book.end(known[name])  # cancelled or closed since
        for name, one in found.items():
            if str(one.customer_id) in set(suspects.values()):
                known.setdefault(name, Thing(Kind.CALLOUT, name, str(one.customer_id)))
        known = {name: thing for name, thing in known.items() if name in found}
        book.uncertain -= suspects.keys() if found or not is_whole else _of_callouts(book)
    for thing in known.values():
        await _end(book, client, thing, swept)
        if swept.unreachable >= _PATIENCE:
            break


def _of_callouts(book: Book) -> set[str]:
    """Return all doubts that are about callouts; where none is active, there is none to doubt."""
    return {what for what in book.uncertain if what.startswith(("customer ", "device ", "site "))}


def _suspects(book: Book) -> dict[str, str]:
    """Return by what a list is uncertain about which customer may have a callout; ours always."""
    found = {f"customer {t.id}": t.id for t in book.things if t.kind is Kind.CUSTOMER}
    for what in book.uncertain:
        kind, _, name = what.partition(" ")
        customer = name if kind == "customer" else book.owner_of(name)
        if kind in ("customer", "device") and customer.isdecimal():
            found[what] = customer
    return found


async def _active(client: AsyncClient, customer_ids: set[str]) -> tuple[list[Callout] | None, bool]:
    """Return the active callouts and whether these are all of the source; None: nobody knows."""
    try:
        return await client.call(callouts.active()), True
    except AuraError:
        pass
    found: list[Callout] = []
    for customer in sorted(customer_ids):
        try:
            found += await client.call(callouts.of_customer(CustomerId(int(customer))))
        except AuraError:
            return None, False
    return (found if customer_ids else None), False


async def _end(book: Book, client: AsyncClient, thing: Thing, swept: Swept) -> None:
    try:
        # what is ended twice is ended: each of these may be repeated
        await client.call(replace(_ending(thing), repeat=Repeat.SAFE))
    except AuraError as error:
        swept.unreachable += isinstance(error, TargetUnreachableError)
        if not _is_gone(book, thing) and not await _is_over(client, thing, error):
            swept.left.append(f"{thing}: {error}")
            return
    book.end(thing)
    swept.ended.append(thing)


def _ending(thing: Thing) -> Call[object]:
    match thing.kind:
        case Kind.CALLOUT:
            return callouts.cancel(CalloutId(int(thing.id)))
        case Kind.SERVICE:
            return scheduled.cancel(thing.id)
        case Kind.DEVICE:
            return devices.unlink(thing.id)
        case Kind.LOCATION:
            return fixed_locations.delete(LocationId(int(thing.id)))
        case Kind.CUSTOMER:
            return customers.delete(CustomerId(int(thing.id)))


def _is_gone(book: Book, thing: Thing) -> bool:
    """Return whether the answer said that there is no such thing any more."""
    return thing not in book.things and thing.kind is not Kind.CALLOUT


async def _is_over(client: AsyncClient, thing: Thing, error: AuraError) -> bool:
    """Return whether a callout could not be cancelled because it had ended already."""
    if thing.kind is not Kind.CALLOUT:
        return False
    if getattr(error, "status", None) == 404:
        return True
    if not isinstance(error, BadRequestError):
        return False
    try:
        callout = await client.call(callouts.get(CalloutId(int(thing.id))))
    except AuraError:
        return False
    return callout.is_closed or "cancel" in (callout.status or "").casefold()

"""`aurasim cleanup`: end what killed commands left open outside the sandbox."""

import asyncio
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import click

from simulator.aura import AuraError, CredentialsMissingError, Tier
from simulator.aura.access import Access
from simulator.aura.book import Book, abandoned, open_folder
from simulator.cli.show import json_option, print_json, print_table
from simulator.errors import ExitCode
from simulator.run.reaching import end_list, left_open


@click.command()
@click.option("--list", "only_list", is_flag=True, help="Say what is open, and end nothing.")
@click.option("--forget", is_flag=True, help="Delete the lists: all was ended in the AURA portal.")
@json_option
def cleanup(*, only_list: bool, forget: bool, as_json: bool) -> None:
    """End the callouts that killed commands left open, then their devices and customers.

    \b
    aurasim cleanup --list
    aurasim cleanup

    What a command opens outside the embedded sandbox is written down before it is sent. Whoever
    comes to an end, by Ctrl-C too, ends it; after a kill -9 or a crash this command does, with the
    credentials of the run (AURA_CLIENT_ID and so on). Ends with 1 while something is left.
    """
    tell = _silent if as_json else click.echo
    if only_list or forget:
        books = [_told(book, forget=forget) for book in abandoned()]
        _show(books, as_json=as_json, forget=forget)
        raise click.exceptions.Exit(
            ExitCode.FAILED if books and only_list and not forget else ExitCode.PASS
        )
    access = Access.read()
    left: list[str] = []
    done = 0
    for book in abandoned():
        done += 1
        left += _end(book, access, tell)
    if as_json:
        print_json({"lists": done, "left": left})
    elif not done:
        click.echo("Nothing was left open.")
    for said in () if as_json else left:
        click.echo(f"still open: {said}", err=True)
    raise click.exceptions.Exit(ExitCode.FAILED if left else ExitCode.PASS)


def _end(book: Book, access: Access, tell: Callable[[str], object]) -> list[str]:
    """End what one list says; return what is left of it.

    Its host was allowed when the list was begun; production never was, and is not now.
    """
    head = book.head
    try:
        name = access.name_of(head.base_url)
        target = access.allowing(urlsplit(head.base_url).hostname or "").target(name)
        credentials = access.credentials(name)
        if head.client_id not in ("", credentials.client_id):
            raise CredentialsMissingError((f"AURA_CLIENT_ID={head.client_id}",))
    except AuraError as error:
        if head.tier == Tier.SANDBOX:
            tell(f"A sandbox of {head.started} is forgotten; nobody drives to one. ({error})")
            book.discard()
            return []
        book.close()
        return [f"{left_open(book)} It cannot be ended yet: {error}"]
    return asyncio.run(end_list(book, target, credentials, tell)).left


def _told(book: Book, *, forget: bool) -> dict[str, object]:
    """Return what a list says, and let go of it."""
    told: dict[str, object] = {
        "began": book.head.started,
        "target": book.head.base_url,
        "client": book.head.client_id,
        "open": list(_counted(book)),
        "uncertain": sorted(book.uncertain),
        "list": str(book.path),
    }
    if forget:
        book.discard()
    else:
        book.close()
    return told


def _counted(book: Book) -> Iterator[str]:
    for thing in book.things:
        yield str(thing)


def _show(books: list[dict[str, object]], *, as_json: bool, forget: bool) -> None:
    if as_json:
        print_json(books)
        return
    if not books:
        click.echo(f"Nothing was left open; lists would be in {open_folder()}.")
        return
    columns = ["began", "target", "client", "open"]
    rows = [[book[name] for name in columns[:3]] + [_listed(book["open"])] for book in books]
    print_table("", columns, rows)
    click.echo("Forgotten." if forget else "Run: aurasim cleanup")


def _listed(things: object) -> str:
    return ", ".join(things) if isinstance(things, list) and things else "perhaps something"


def _silent(_: str) -> None:
    """Say nothing: a program reads the result."""

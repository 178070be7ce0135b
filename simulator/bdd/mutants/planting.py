"""Swaps a function for a broken one, by its full name, and puts it back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

from simulator.aura import Request, Response
from simulator.errors import SimulatorError

Function: TypeAlias = Callable[..., Any]
Breaking: TypeAlias = Callable[[Function], object]
Handle: TypeAlias = Callable[[Request], Response]
_DOOR = "simulator.sandbox.sandbox:Sandbox.handle"


class MutantError(SimulatorError, LookupError):
    """A mutant swaps something that is no longer there."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted fault: `swaps` says by which names what is broken, and how."""

    name: str
    says: str
    swaps: tuple[tuple[str, Breaking], ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Let the fault be there for a while."""
        with ExitStack() as stack:
            for place, breaking in self.swaps:
                stack.enter_context(_swapped(place, breaking))
            yield


def swap(name: str, says: str, place: str, breaking: Breaking) -> Mutant:
    """Return the mutant that breaks one function: `module:name` or `module:Class.name`."""
    return Mutant(name, says, ((place, breaking),))


def at_the_door(name: str, says: str, answer: Callable[[Handle, Request], Response]) -> Mutant:
    """Return the mutant that meddles with requests or answers of the embedded sandbox."""

    def breaking(handle: Function) -> Function:
        def meddled(sandbox: object, request: Request) -> Response:
            return answer(lambda asked: handle(sandbox, asked), request)

        return meddled

    return swap(name, says, _DOOR, breaking)


@contextmanager
def _swapped(place: str, breaking: Breaking) -> Iterator[None]:
    holder, attribute = _found(place)
    whole = vars(holder)[attribute]
    broken = property(breaking(whole.fget)) if isinstance(whole, property) else breaking(whole)  # type: ignore[arg-type]  # a getter
    setattr(holder, attribute, broken)
    try:
        yield
    finally:
        setattr(holder, attribute, whole)


def _found(place: str) -> tuple[object, str]:
    module, _, path = place.partition(":")
    *outer, attribute = path.split(".")
    try:
        holder: object = import_module(module)
        for name in outer:
            holder = getattr(holder, name)
        vars(holder)[attribute]
    except (ImportError, AttributeError, KeyError) as error:
        message = f"{place} is not there any more. Point the mutant to what took its place."
        raise MutantError(message) from error
    return holder, attribute

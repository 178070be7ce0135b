"""What happens to a fleet: faults, people, incidents, ways, coverage and climate, as one value.

The types are those of the tables of a run file; a run without any of them is a quiet one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from simulator.clock import Duration
from simulator.errors import InputError
from simulator.faults import AnyFault, FaultError, check
from simulator.profile import Profile


class LifeError(InputError):
    """What is to happen cannot be; `key` is the key of a run file that says it."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}.")
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happens to a fleet beside what its devices do by themselves."""

    faults: tuple[AnyFault, ...] = ()

    def check(self, models: Iterable[Profile], for_s: float) -> None:
        """Refuse what cannot be in a run of these models and this length; raise `LifeError`."""
        names = [model.name for model in models]
        try:
            check(self.faults, names, for_s)
        except FaultError as error:
            raise LifeError(f"faults[{error.index}].{error.key}", str(error)) from error

    def table(self) -> dict[str, object]:
        """Return it as tables of a run file; what is empty is left out."""
        tables: Mapping[str, object] = {
            name: msgspec.to_builtins(getattr(self, name), enc_hook=_written)
            for name in self.__slots__
        }
        return {name: value for name, value in tables.items() if value}


QUIET = Life()


def _written(value: object) -> object:
    if isinstance(value, Duration):
        return f"{Decimal(repr(float(value))):f}s"
    raise NotImplementedError

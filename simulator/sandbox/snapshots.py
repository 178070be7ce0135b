"""Copies of a tenant's whole state under a name, and going back to them."""

from simulator.clock import iso
from simulator.sandbox.continuing import go_on
from simulator.sandbox.refusal import RefusedError, missing
from simulator.sandbox.rows import Snapshot
from simulator.sandbox.tenant import Tenant

_MOST = 50
_LEFT_OUT = ("snapshots", "clients")


def take(tenant: Tenant, name: str) -> Snapshot:
    """Keep the state under a name, in place of an older one of that name."""
    if tenant.snapshots.get(name) is None and len(tenant.snapshots) >= _MOST:
        raise RefusedError(400, f"There are {_MOST} snapshots already; delete one.")
    tables = {table: rows.dump() for table, rows in tenant.tables.items() if table not in _LEFT_OUT}
    return tenant.snapshots.put(Snapshot(id=name, taken_at=iso(tenant.now_s), tables=tables))


def restore(tenant: Tenant, name: str) -> Snapshot:
    """Go back to a kept state; its clock stands to the run's as it stood."""
    found = find(tenant, name)
    for table, packed in found.tables.items():
        tenant.tables[table].load(packed)
    go_on(tenant)
    return found


def find(tenant: Tenant, name: str) -> Snapshot:
    """Return a kept state; refuse with 404 if there is none of this name."""
    found = tenant.snapshots.get(name)
    if found is None:
        raise missing("snapshot", name)
    return found

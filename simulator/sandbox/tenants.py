"""All tenants of a sandbox, and who may become one."""

from collections.abc import Iterator

from simulator.sandbox.house import House
from simulator.sandbox.magic import check_client, life_s
from simulator.sandbox.refusal import RefusedError, missing
from simulator.sandbox.rows import ClientRecord
from simulator.sandbox.settings import Settings
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.tokens import Claims, Tokens, digest, is_secret


class Tenants:
    """The register of customer sources by clientId."""

    def __init__(self, house: House, tokens: Tokens) -> None:
        self.house = house
        self.tokens = tokens
        self._known: dict[str, Tenant] = {}

    @property
    def settings(self) -> Settings:
        """Return the settings of the sandbox."""
        return self.house.settings

    def __iter__(self) -> Iterator[Tenant]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    def get(self, client_id: str) -> Tenant | None:
        """Return the tenant of a clientId, if any."""
        return self._known.get(client_id)

    def named(self, client_id: str) -> Tenant:
        """Return the tenant of a clientId; refuse with 404 if there is none."""
        found = self._known.get(client_id)
        if found is None:
            raise missing("tenant", client_id)
        return found

    def add(self, client_id: str, secret: str) -> Tenant:
        """Return a new tenant with these credentials."""
        made = self.restore(client_id)
        made.clients.put(ClientRecord(secret_digest=digest(secret)))
        return made

    def remove(self, tenant: Tenant) -> None:
        """Forget a tenant and all it has."""
        tenant.clock.freeze()
        for table in tenant.tables.values():
            table.clear()
        del self._known[tenant.client_id]

    def restore(self, client_id: str) -> Tenant:
        """Return a new, empty tenant, to be filled from storage."""
        made = self._known[client_id] = Tenant(client_id, self.house)
        return made

    def admit(self, client_id: str, secret: str) -> Tenant:
        """Return the tenant of these credentials, new if the sandbox is open; refuse with 401."""
        check_client(client_id)
        tenant = self._known.get(client_id)
        if tenant is None:
            if not self.settings.open_to_any_client:
                raise RefusedError(401, "Invalid clientId or clientSecret.")
            return self.add(client_id, secret)
        record = tenant.clients.get("client")
        if record is None or not is_secret(secret, record.secret_digest):
            raise RefusedError(401, "Invalid clientId or clientSecret.")
        return tenant

    def issue(self, tenant: Tenant, customer_id: int | None) -> tuple[str, int]:
        """Return a new token of a tenant, for one customer if one is given, and its life."""
        rules = tenant.rules
        usual_s = rules.token_life_s if customer_id is None else rules.callout_token_life_s
        lasts_s = life_s(tenant.client_id, usual_s)
        now_s = int(tenant.now_s)
        claims = Claims(tenant.client_id, customer_id, now_s, now_s + lasts_s)
        return self.tokens.issue(claims, tenant.source_id, tenant.count("token")), lasts_s

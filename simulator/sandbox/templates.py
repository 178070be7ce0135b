"""The device templates AURA would have registered: taken from the profiles, one a device model."""

from collections.abc import Iterable, Mapping

from simulator.profile import Profile
from simulator.sandbox.refusal import malformed


class Templates:
    """Finds the profile that a device type, or a supplier and a serial, speak of."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._by_type: Mapping[int, Profile] = {p.aura.device_type_id: p for p in profiles}

    def of_type(self, device_type_id: int) -> Profile | None:
        """Return the template of a device type."""
        return self._by_type.get(device_type_id)

    def for_link(self, serial: str, supplier: str, device_type_id: int | None) -> Profile:
        """Return the template under which a serial may be linked; refuse if there is none."""
        if device_type_id is not None and device_type_id not in self._by_type:
            raise malformed("deviceType", f"no template is registered for type {device_type_id}.")
        made_by = [
            profile
            for type_id, profile in self._by_type.items()
            if device_type_id in (None, type_id)
            and profile.aura.supplier.casefold() == supplier.casefold()
        ]
        if not made_by:
            raise malformed("deviceSupplier", "no template is registered for this supplier.")
        for profile in made_by:
            if profile.matches(serial) and profile.identity.device_id.derive(serial):
                return profile
        raise malformed("deviceSerial", "does not match the template registered for the device.")

"""The objects on the bus with their interfaces and properties; every change is told."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from dbus_fast import Message, Variant
from dbus_fast.errors import DBusError

Properties: TypeAlias = dict[str, Variant]
Interfaces: TypeAlias = dict[str, Properties]

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
_UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
_UNKNOWN_INTERFACE = "org.freedesktop.DBus.Error.UnknownInterface"
_UNKNOWN_PROPERTY = "org.freedesktop.DBus.Error.UnknownProperty"


class ObjectTree:
    """What `GetManagedObjects` returns, kept up to date."""

    def __init__(self, tell: Callable[[Message], object]) -> None:
        self._tell = tell
        self._objects: dict[str, Interfaces] = {}

    @property
    def objects(self) -> Mapping[str, Interfaces]:
        """Return all objects by path."""
        return self._objects

    def add(self, path: str, interfaces: Interfaces) -> None:
        """Put an object on the bus."""
        self._objects[path] = interfaces
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def remove(self, path: str) -> None:
        """Take an object from the bus, and all below it before."""
        below = [one for one in self._objects if one == path or one.startswith(f"{path}/")]
        for one in sorted(below, reverse=True):
            names = list(self._objects.pop(one))
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [one, names])

    def properties(self, path: str, interface: str) -> Properties:
        """Return the properties of an object; raise DBusError where there are none."""
        if path not in self._objects:
            raise DBusError(_UNKNOWN_OBJECT, f"there is no object {path}")
        if interface not in self._objects[path]:
            raise DBusError(_UNKNOWN_INTERFACE, f"{path} has no interface {interface}")
        return self._objects[path][interface]

    def value(self, path: str, interface: str, name: str) -> Variant:
        """Return one property; raise DBusError where there is none."""
        properties = self.properties(path, interface)
        if name not in properties:
            raise DBusError(_UNKNOWN_PROPERTY, f"{interface} has no property {name}")
        return properties[name]

    def change(
        self, path: str, interface: str, values: Properties, *, always: Iterable[str] = ()
    ) -> None:
        """Set properties; tell those that are new, and those that are news `always`."""
        properties = self.properties(path, interface)
        news = {
            name: value
            for name, value in values.items()
            if name in always or name not in properties or properties[name] != value
        }
        properties.update(news)
        if news:
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, news, []])

    def forget(self, path: str, interface: str, name: str) -> None:
        """Drop a property, and say that it is valid no more."""
        if self.properties(path, interface).pop(name, None) is not None:
            body: list[object] = [interface, {}, [name]]
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", body)

    def _signal(
        self, path: str, interface: str, member: str, signature: str, body: list[object]
    ) -> None:
        self._tell(Message.new_signal(path, interface, member, signature, body))

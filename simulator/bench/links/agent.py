"""Consent to pairing: BlueZ asks an agent, and bleak brings none.

Ours has no keys and no screen, as most buttons; a device that wants a number typed is refused, and
so is any device but the one that is meant.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.auth import AuthExternal
from dbus_fast.errors import DBusError, DBusFastError

from simulator.bench.links.errors import LinkError, LinkReason

_AGENT = "/aurasim/agent"
_CAPABILITY = "NoInputNoOutput"
_NEWS = {"Release", "Cancel"}
_CONSENT = {"RequestAuthorization", "AuthorizeService", "RequestConfirmation"}
_NAME = "pairing"
_REGISTER_S = 10.0


@contextlib.asynccontextmanager
async def pairing_agent(address: str) -> AsyncIterator[list[str]]:
    """Consent to what a device asks for while the block runs; give the list of what was asked.

    Raises LinkError where there is no BlueZ to register with.
    """
    ours = f"/dev_{address.upper().replace(':', '_')}"
    uid = os.environ.get("BLEAK_DBUS_AUTH_UID", "")
    auth = AuthExternal(uid=int(uid)) if uid.isdigit() else None
    bus = MessageBus(bus_type=BusType.SYSTEM, auth=auth)
    asked: list[str] = []

    def answer(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != _AGENT:
            return None
        asked.append(str(message.member))
        if message.member in _NEWS:
            return Message.new_method_return(message)
        reason = "aurasim pairs with another device"
        if str(message.body[0] if message.body else "").endswith(ours):
            if message.member in _CONSENT:
                return Message.new_method_return(message)
            reason = "aurasim has no keys to type on"
        return Message.new_error(message, "org.bluez.Error.Rejected", reason)

    try:
        try:
            async with asyncio.timeout(_REGISTER_S):
                await bus.connect()
                bus.add_message_handler(answer)
                await _call(bus, "RegisterAgent", "os", [_AGENT, _CAPABILITY])
                await _call(bus, "RequestDefaultAgent", "o", [_AGENT])
        except (OSError, DBusFastError) as error:  # a timeout is an OSError
            detail = f"no agent for pairing: {str(error) or 'no answer'}"
            raise LinkError(_NAME, LinkReason.ADAPTER_OFF, detail) from error
        yield asked
    finally:
        bus.disconnect()  # BlueZ forgets an agent whose connection ends


async def _call(bus: MessageBus, member: str, signature: str, body: list[object]) -> None:
    reply = await bus.call(
        Message(
            destination="org.bluez",
            path="/org/bluez",
            interface="org.bluez.AgentManager1",
            member=member,
            signature=signature,
            body=body,
        )
    )
    if reply is not None and reply.message_type is MessageType.ERROR:
        raise DBusError(str(reply.error_name), str(reply.body[0] if reply.body else ""))

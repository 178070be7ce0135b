"""The fixture as a user's test has it."""

import asyncio

import aiohttp

from simulator.aura.listening import WebhookReceiver
from simulator.testing.webhooks import webhook_receiver

__all__ = ["webhook_receiver"]

LETTER = b'{"message": "NEW_CALLOUT", "callout": {"id": 992011}}'


async def _post(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.post(url, data=LETTER) as answer:
        return answer.status


def test_a_delivery_to_the_fixture_arrives(webhook_receiver: WebhookReceiver) -> None:
    assert asyncio.run(_post(webhook_receiver.url)) == 204

    (arrival,) = webhook_receiver.inbox.expect("NEW_CALLOUT", within_s=10)
    assert arrival.entity_id == "992011"

"""A strict local Discord: REST, gateway and CDN over real HTTP and WebSocket, for unmodified clients.

    async with serving() as discord_server:
        ... AutoShardedClient pointed at discord_server.api_url and .gateway_url ...
        await discord_server.says(ada, discord_server.channel, f"{discord_server.mention} make a report")

Every body is checked against Discord's own OpenAPI document and against the prose rules in `rules.py`.
"""

from tests.discord_server.interactions import Interaction
from tests.discord_server.server import TOKEN, DiscordServer, ids, serving, texts, until
from tests.discord_server.world import DM, FORUM, Payload, Someone

__all__ = [
    "DM",
    "FORUM",
    "TOKEN",
    "DiscordServer",
    "Interaction",
    "Payload",
    "Someone",
    "ids",
    "serving",
    "texts",
    "until",
]

"""Checks what a Discord bot token looks like, before Discord is asked. Pure."""

import re

from bot.config.health_check import HealthCheck

WHERE = "At discord.com/developers/applications, in your application, under Bot, press Reset Token and copy the token."


def token(typed: str) -> HealthCheck | None:
    """Says what is wrong with a token's format; None: nothing."""
    if re.fullmatch(r"[\w-]{8,}\.[\w-]{4,}\.[\w-]{20,}", typed, re.ASCII):
        return None
    other = (
        "This looks like the application's ID"
        if typed.isdigit()
        else "This looks like the public key"
        if re.fullmatch(r"[0-9a-f]{64}", typed)
        else "This isn't a bot token"
    )
    return HealthCheck("discord", "fail", f"{other}; a bot token has three parts separated by dots.", WHERE)

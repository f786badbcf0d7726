"""Defines the commands that the bot registers. Pure."""

from bot.discord.components import Payload
from bot.discord.parse import COMMAND, MENU

COMMANDS: list[Payload] = [
    {
        "type": 1,
        "name": COMMAND,
        "description": "Ask for something, or type “tasks” to see yours",
        "contexts": [0, 1],
        "integration_types": [0],
        "options": [
            {
                "type": 3,
                "name": "request",
                "description": "What you want done, or “tasks” or “help”",
                "max_length": 4000,
            },
            {"type": 11, "name": "file", "description": "A file to work on"},
        ],
    },
    {"type": 3, "name": MENU, "contexts": [0, 1], "integration_types": [0]},
]

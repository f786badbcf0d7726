"""How the Web API says no."""

from typing import Any


class Refusal(Exception):
    """`error` is Slack's name for it."""

    def __init__(self, error: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error, self.messages, self.more = error, messages or [], more

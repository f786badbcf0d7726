"""Forms at Slack and Discord as somebody fills them in: what stands there, what is typed, and what is wrong with it."""

from collections.abc import Mapping
from typing import Any, Protocol

from tests.discord_server import DiscordServer, Interaction, ids, rules, texts
from tests.slack_server import SlackServer
from tests.slack_server.acting import words

Row = dict[str, Any]


class Form(Protocol):
    """`values`: what stands in each field now."""

    values: dict[str, str]

    def steps(self, **changed: Mapping[str, str]) -> dict[str, str]:
        """The fields of a plan with these steps changed (`title`, `agent`); an unknown name adds a step."""
        ...

    async def sends(self, values: Mapping[str, str], **files: bytes) -> str:
        """With these fields typed anew. The problem that is shown with all that was typed; empty: it was taken."""
        ...


def lines(text: str, changed: Mapping[str, Mapping[str, str]]) -> str:
    """A plan's lines (`name | title | agent | …`) with these changes."""
    rows = [line.split(" | ") for line in text.splitlines()]
    for name, how in changed.items():
        row = next((r for r in rows if r[0] == name), None)
        if row is None:
            rows.append(row := ["+", "", ""])
        row[1], row[2] = how.get("title", row[1]), how.get("agent", row[2])
    return "\n".join(" | ".join(row) for row in rows)


class OnSlack:
    def __init__(self, server: SlackServer, who: Any, view: Row) -> None:
        self.server, self.who = server, who
        self._show(view)

    def _show(self, view: Row) -> None:
        self.view = view
        fields = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
        self.values = {name: str(e.get("initial_value", "")) for name, e in fields.items()}

    def steps(self, **changed: Mapping[str, str]) -> dict[str, str]:
        return {"steps": lines(self.values["steps"], changed)}

    async def sends(self, values: Mapping[str, str], **files: bytes) -> str:
        kept = [self.server.file(name, content) for name, content in files.items()]
        told = await self.server.submits(self.who, self.view, values, files=kept)
        if not told or told.get("response_action") != "update":
            assert not told, told
            return ""
        self._show({**self.view, **told["view"]})
        return words(self.view)


class OnDiscord:
    """A form with a problem stands in a private message, from which it is opened again."""

    def __init__(self, server: DiscordServer, opened: Interaction) -> None:
        self.server = server
        self._show(opened)

    def _show(self, opened: Interaction) -> None:
        self.opened = opened
        fields = [part for part in rules.walk(opened.modal["components"]) if part.get("custom_id")]
        self.values = {part["custom_id"]: str(part.get("value", "")) for part in fields}

    def steps(self, **changed: Mapping[str, str]) -> dict[str, str]:
        return {"steps": lines(self.values["steps"], changed)}

    async def sends(self, values: Mapping[str, str], **files: bytes) -> str:
        sent = await self.server.submits(self.opened, values, files=files)
        if (await sent.answer())["type"] == 5:
            await sent.words()
        shown = sent.original or {"components": []}
        again = next((i for i in ids(shown) if i.startswith("draft|open")), "")
        if not again:
            return ""
        problem = texts(shown)
        opened = await self.server.presses(self.opened.by, shown, again)
        await opened.answer()
        self._show(opened)
        return problem

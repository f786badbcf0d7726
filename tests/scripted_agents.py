"""A small stage for scripted agents: the real tools' schemas, pages from files, a board, and a loop that takes turns.

Stands in for engine, host and browser, so that a brain can be tried in milliseconds. Every call must fit the real
schema of its tool.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from agents.conversation.updates_between_turns import finding_line
from agents.hub_tools import coordination
from agents.models.reply_repair import first_problem
from agents.tools.browser.browser import Browser
from agents.tools.browser.tools import tools as browser_tools
from agents.tools.office.sheets.tools import sheet_chart, sheet_read, sheet_write
from agents.tools.office.word.document_and_csv_write_tools import document_write
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import CallId, FindingId, SubtaskId
from orchestrator.domain.model_messages import Message, Prompt, Reply, Returned, Said
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.tool_calls import Call, ToolSpec
from orchestrator.ports import Model
from tests.page_reader import read_page

BASE = "http://127.0.0.1:8800/rehearsal"
_HUB = [t.spec for t in coordination.TOOLS]
_BROWSER = [t.spec for t in browser_tools(cast(Browser, None))]
_OFFICE = [t.spec for t in (sheet_write, sheet_chart, sheet_read, document_write)]
SPECS: Mapping[str, Sequence[ToolSpec]] = {"browser": (*_BROWSER, *_HUB), "document": (*_OFFICE, *_HUB)}


@dataclass
class Player:
    """One agent: its conversation, and what it has done so far."""

    subtask: Subtask
    messages: list[Message]
    ended: str = ""
    told: int = 0
    """Findings of its feeders that it was told about."""
    waiting: CallId | None = None
    enough: int = 1
    turns: int = 0
    page: str = ""
    shown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    calls: list[Call] = field(default_factory=list[Call])


@dataclass
class Stage:
    """Plays a plan with one model. `log` says in order who did what, for questions such as `was it before?`."""

    model: Model
    sites: Path
    request: str
    attached: Mapping[str, str] = field(default_factory=dict[str, str])
    board: list[Finding] = field(default_factory=list[Finding])
    players: dict[str, Player] = field(default_factory=dict[str, Player])
    log: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    delivered: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    sheets: dict[tuple[str, str], dict[int, list[Any]]] = field(
        default_factory=dict[tuple[str, str], dict[int, list[Any]]]
    )
    documents: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    broken: set[str] = field(default_factory=set[str])
    """Addresses that cannot be opened."""
    refuse_click: bool = False

    async def play(self, plan: Plan, *, most: int = 60) -> None:
        """Until all have ended, each taking a turn in order."""
        for _ in range(most):
            for row in plan.subtasks:
                if all(self.players.get(n) and self.players[n].ended for n in row.after):
                    player = self.players.setdefault(row.id, self._enter(row))
                    if not player.ended:
                        await self.turn(player)
            if len(self.players) == len(plan.subtasks) and all(p.ended for p in self.players.values()):
                return
        raise AssertionError(f"not ended: {[n for n, p in self.players.items() if not p.ended]}")

    async def say(self, name: str, words: str) -> None:
        """Tells an agent that had ended something, and lets it work until it ends again."""
        player = self.players[name]
        player.messages.append(Said(role="user", text=words))
        player.ended = ""
        while not player.ended:
            await self.turn(player)

    async def retry(self, name: str) -> None:
        """Starts an agent's step again and lets it end; it's told what it had shared."""
        player = self._enter(self.players[name].subtask)
        mine = [finding_line(f) for f in self.board if f.by == name]
        player.messages.append(Said(role="user", text="You have already shared these findings:\n" + "\n".join(mine)))
        self.players[name] = player
        while not player.ended:
            await self.turn(player)

    async def turn(self, player: Player) -> None:
        """One model turn with its tool calls, unless the agent waits."""
        news = self._fresh(player)
        over = bool(player.subtask.fed_by) and all(
            self.players[n].ended for n in player.subtask.fed_by if n in self.players
        )
        if player.waiting is not None:
            if len(news) < player.enough and not over:
                return
            player.messages.append(Returned(call=player.waiting, tool="wait_for_findings", text="New findings follow."))
            player.waiting = None
        self._tell(player, news, over)
        reply = await self._reply(player)
        player.messages.append(reply)
        if not reply.calls:
            player.ended = reply.text
            self.log.append((player.subtask.id, "ended"))
        for call in reply.calls:
            player.calls.append(call)
            self.log.append((player.subtask.id, call.tool))
            if call.tool == "wait_for_findings" and not over:
                player.waiting, player.enough = call.id, call.args.get("enough", 1)
                continue
            ok, text = await self.call(player, call)
            player.messages.append(Returned(call=call.id, tool=call.tool, text=text, ok=ok))

    def _enter(self, row: Subtask) -> Player:
        parts = [f"Step: {row.id} — {row.title}", f"Instructions: {row.instructions}"]
        if row.deliverables:
            parts.append(f"Files to hand in with deliver: {', '.join(row.deliverables)}")
        parts.append(f"This step is part of a request from Ada:\n{self.request}")
        if self.attached:
            parts.append("Attached files: " + ", ".join(f"attachments/{n}" for n in self.attached))
        if row.fed_by:
            parts.append(f"Findings stream to you from: {', '.join(row.fed_by)}.")
        return Player(row, [Said(role="system", text="You work."), Said(role="user", text="\n\n".join(parts))])

    def _fresh(self, player: Player) -> list[Finding]:
        return [f for f in self.board if f.by in player.subtask.fed_by][player.told :]

    def _tell(self, player: Player, news: list[Finding], over: bool) -> None:
        player.told += len(news)
        lines = ["Findings:", *map(finding_line, news)] if news else []
        seen = any(
            isinstance(m, Said) and "All steps that send you findings have ended." in m.text for m in player.messages
        )
        if over and not seen:
            lines.append("All steps that send you findings have ended.")
        if lines:
            player.messages.append(Said(role="user", text="\n".join(lines)))

    async def _reply(self, player: Player) -> Reply:
        specs = tuple(SPECS[player.subtask.agent])
        prompt = Prompt(model="test-model", messages=tuple(player.messages), tools=specs)
        answer = await self.model.complete(prompt)
        assert not (problem := first_problem(answer.reply, prompt)), problem
        player.turns += 1
        assert player.turns <= (player.subtask.turns or 40), "out of turns"
        named = [
            c.model_copy(update={"id": CallId(f"{player.subtask.id}.1.{player.turns}.{n}")})
            for n, c in enumerate(answer.reply.calls)
        ]
        return answer.reply.model_copy(update={"calls": tuple(named)})

    async def call(self, player: Player, call: Call) -> tuple[bool, str]:
        """The result of one call; a stage with real tools overrides this."""
        args: Any = call.args
        match call.tool:
            case "browser_open":
                return self._open(player, str(args["url"]))
            case "browser_click":
                links = dict(player.shown)
                if self.refuse_click or args["ref"] not in links:
                    return False, f"There is no {args['ref']} on this page; here is the new snapshot."
                return self._open(player, links[args["ref"]])
            case "browser_extract":
                return True, f"{player.page}\n\n{read_page(self._file(player.page)).text}"
            case "share_finding":
                return True, self._share(player, args)
            case "read_findings":
                return True, "\n".join(map(finding_line, self.board)) or "No findings match."
            case "wait_for_findings":
                return True, "New findings follow."
            case "sheet_write":
                lines = self.sheets.setdefault((args["path"], args["sheet"]), {})
                lines.update({int(args["cell"][1:]) + n: row for n, row in enumerate(args["rows"])})
                return True, "wrote"
            case "sheet_read":
                return True, self.attached[args["path"].removeprefix("attachments/")]
            case "document_write":
                self.documents.append(args)
                return True, "wrote"
            case "deliver":
                self.delivered.append((player.subtask.id, args["path"]))
                return True, f"{args['path']} was handed in."
            case _:
                return True, "done"

    def _open(self, player: Player, url: str) -> tuple[bool, str]:
        if url in self.broken or not self._file(url).is_file():
            return False, f"{url} could not be opened."
        player.page = url
        page = read_page(self._file(url))
        player.shown = [(f"e{n + 2}", urljoin(url, target)) for n, (_, target) in enumerate(page.links)]
        lines = [
            f'  [{ref} link "{name}" {urlsplit(target).path}]'
            for (ref, target), (name, _) in zip(player.shown, page.links, strict=True)
        ]
        return True, "\n".join([f"{page.title} — {url}", "", "navigation:", *lines])

    def _file(self, url: str) -> Path:
        return self.sites / url.removeprefix(f"{BASE}/")

    def _share(self, player: Player, args: Any) -> str:
        assert args["quote"], args
        number = 1 + sum(f.by == player.subtask.id for f in self.board)
        found = Finding(
            id=FindingId(f"{player.subtask.id}.{number}"),
            by=SubtaskId(player.subtask.id),
            kind=args["kind"],
            value=args["value"],
            source=Source(url=args["source_url"], quote=args["quote"]),
            supersedes=args.get("supersedes"),
        )
        self.board.append(found)
        return f"Shared as [{found.id}]."


def shape(rows: Mapping[int, list[Any]]) -> list[list[Any]]:
    """The lines of a sheet in order, findings left out."""
    return [[c.get("value") if isinstance(c, dict) else c for c in rows[n]] for n in sorted(rows)]


def json_of(value: object) -> str:
    """For looking something up in everything that was written."""
    return json.dumps(value, ensure_ascii=False)

"""The program as it is started, at work in Slack, in Discord and in the web workspace at once, each on the whole job.

What the threads looked like at the end stays in `tests/output/chats/`.
"""

import asyncio
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from aiohttp import web
from docx import Document

from agents.models.rehearsal.parse_prompt import SortedConversation
from agents.models.rehearsal.replies import STANDARD, act, numbered, say, wish
from bot.bootstrap.open_desk import open_desk
from bot.chat_platform import FileItem
from bot.outbox.desired_messages import Mark, mentioned, wanted
from bot.platforms import load
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from orchestrator.domain.task import TaskState
from tests.acceptance.test_walk import SHEET, SITES, SUMMARY, a_model_at
from tests.host_fixtures import open_folder
from tests.model_server import Brain, rehearsal, serving
from tests.page_server import PageServer
from tests.product_walk import Program, a_program, cells, free_port
from tests.scenarios.chat_people import TOO_LATE, Chat, Row, told_off
from tests.scenarios.chat_platforms import chat
from tests.scenarios.web_people import OnWeb

OUTPUT = Path(__file__).parent.parent / "output" / "chats"
NEIGHBOURS = "Ask the neighbours of"
FOLLOW_UP, ANSWER = "Which source is the best?", "Their own price pages."
PATIENCE = 60.0
"""Seconds; what does not come within them will not come."""


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


async def test_the_whole_job_in_slack_discord_and_the_web_at_once(home: Path) -> None:
    far, port = PageServer(), free_port()
    brain = with_neighbours(rehearsal(f"http://127.0.0.1:{port}/rehearsal"), far.url("/first"), far.url("/second"))
    try:
        async with (
            chat("slack") as slack,
            chat("discord") as discord,
            serving(brain) as model,
            a_program(home, port=port, **a_model_at(model.url), **accounts(slack, discord)) as program,
        ):
            slack.patience = discord.patience = PATIENCE
            await asyncio.gather(slack.joined(), discord.joined())
            async with asyncio.TaskGroup() as group:
                group.create_task(in_the_web(program))
                works = [group.create_task(in_a_chat(it, program)) for it in (slack, discord)]
            for it, work in zip((slack, discord), works, strict=True):
                await all_is_true(it, work.result(), program)
            assert not slack.server.sockets.unacknowledged
            answers = [it.took for it in discord.server.interactions.all.values() if it.response is not None]
            late = [one for one in discord.server.refusals if TOO_LATE[1] in str(one)]
            assert len(answers) + len(late) >= len(discord.server.interactions.all)
            keep_acks(slack=slack.server.sockets.acks, discord=answers)
            for it in (slack, discord):
                assert not told_off(it.server.refusals)
                assert not it.server.limited
    finally:
        far.close()
    assert far.requests == []
    assert model.refused == []


def keep_acks(**seconds: list[float]) -> None:
    """How long acknowledgements took, to be looked at: it depends on the machine. The servers themselves refuse what
    comes after three seconds."""
    lines = [f"{name}: {len(all_)}, slowest {max(all_):.2f} s" for name, all_ in seconds.items()]
    OUTPUT.joinpath("acks.txt").write_text("\n".join(lines) + "\n", "utf-8")


def accounts(slack: Chat, discord: Chat) -> Mapping[str, str]:
    """The settings of both, as a person exports them."""
    both = ((it.row.name, it.keys) for it in (slack, discord))
    return {f"THREADWORK_{name}__{key}".upper(): value for name, keys in both for key, value in keys.items()}


def with_neighbours(usual: Brain, *urls: str) -> Brain:
    """As the rehearsal, and one step more for each place: it fails once, opens the pages, and asks a person."""
    failed: set[str] = set()

    async def brain(prompt: Prompt) -> Reply:
        desk = SortedConversation(prompt)
        turn = sum(isinstance(m, Reply) for m in prompt.messages)
        said = "\n".join(text for _, text in desk.heard)
        if "propose_plan" in desk.tools and FOLLOW_UP in said:
            return numbered(act("", wish("answer", text=ANSWER)), turn)
        if "propose_plan" in desk.tools and NEIGHBOURS in said:
            step = {"id": "neighbours", "title": f"{NEIGHBOURS} web", "instructions": "Open both.", "agent": "browser"}
            return numbered(act("", wish("propose_plan", title="Neighbours", subtasks=[step])), turn)
        if NEIGHBOURS not in desk.assignment.partition("This step is part of a request")[0]:
            return await usual(prompt)
        if desk.subtask not in failed:
            failed.add(desk.subtask)
            words = {"message": "You exceeded your current quota.", "code": "insufficient_quota"}
            raise web.HTTPTooManyRequests(text=json.dumps({"error": words}), content_type="application/json")
        if turn < len(urls):
            return numbered(act("", wish("browser_open", url=urls[turn])), turn)
        if turn == len(urls):
            return numbered(act("", wish("ask_person", question="Are they nice?")), turn)
        return say(" ".join(m.text for m in prompt.messages if isinstance(m, Returned))[-400:])

    return brain


async def in_the_web(program: Program) -> None:
    async def link(_: str) -> str:
        return program.link

    it = OnWeb(lambda: httpx.AsyncClient(base_url=program.url, headers={"origin": program.url}, timeout=30), link)
    it.patience = PATIENCE
    root = await it.says("Owner", f"{NEIGHBOURS} web")
    await it.presses("Owner", root, "start")
    await decide(it, "Owner", root, program)
    await it.reads(root, "Done, no files.")
    await follow_up(it, "Owner", root)
    await it.leave()


async def in_a_chat(it: Chat, program: Program) -> Row:
    ada = it.person("Ada")
    root = await it.says(ada, STANDARD)
    form = await it.opens(ada, root, "edit-plan")
    more = form.steps(neighbours={"title": f"{NEIGHBOURS} {it.row.name}", "agent": "nobody"})
    assert "nobody" in await form.sends({"title": f"Five competitors, by {it.row.name}", **more})
    typed = form.values["steps"].replace("| nobody", "| browser")
    assert not await form.sends({"steps": typed})
    await it.presses(ada, root, "start", "2")
    await decide(it, ada, root, program)
    sheet = await it.sees(root, "accept")
    await it.presses(ada, root, "accept", on=sheet)
    await it.presses(ada, root, "accept", on=await it.sees(root, "accept", but=sheet.ref))
    await it.reads(root, "Done, 2 files")
    await follow_up(it, ada, root)
    return root


async def decide(it: Any, who: Any, root: Row, program: Program) -> None:
    """What failed is tried again, one call is corrected, one is rejected, and a question is answered."""
    await it.reads(root, "no credit")
    await it.presses(who, root, "retry")
    form = await it.opens(who, root, "edit")
    assert not await form.sends({"a.url": f"{program.url}/rehearsal/bramblehour/index.html"})
    await it.reads(root, "Approved with changes by")
    await it.reads(root, "/second")
    form = await it.opens(who, root, "reject")
    assert not await form.sends({"words": "They are no competitor."})
    form = await it.opens(who, root, "answer")
    assert not await form.sends({"q.answer": "Very nice"})


async def follow_up(it: Any, who: Any, root: Row) -> None:
    await it.says(who, FOLLOW_UP, to=root)
    await it.reads(root, ANSWER)


async def all_is_true(it: Chat, root: Row, program: Program) -> None:
    """The thread shows what the ledger says, as soon as it is quiet; kept to be looked at."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    state = TaskState(id=TaskId(""))
    for left in range(40, -1, -1):
        desk = await open_desk(load(home=program.home, environment={}))
        try:
            found = [s for s in await desk.states() if s.request and s.request.place.platform == it.row.name]
            (state,) = found
            all_stands(it, root, state, f"{program.url}/t/{state.id}")
            break
        except AssertionError:
            if not left:
                raise
        finally:
            await desk.close()
        await asyncio.sleep(0.5)
    OUTPUT.joinpath(f"{it.row.name}.txt").write_text("\n\n".join(it.posts(root)) + "\n", "utf-8")
    the_head_knows(state)
    the_files_arrived(await it.files(root), state)


def all_stands(it: Chat, root: Row, state: TaskState, link: str) -> None:
    """Nothing stands there twice, and the card and all else that is wanted stand as they would be drawn now."""
    large = it.row.largest
    items = [
        w.item
        for w in wanted(state, link=link, large=large, ping=mentioned(state))
        if w.fresh and not isinstance(w.item, Mark)
    ]
    stand = it.looks(root)
    assert len(stand) == len(set(stand))
    # Discord puts links of its own in the place of a file's name; the files are compared by their content.
    drawn = {it.look(item) for item in items if it.row.name == "slack" or not isinstance(item, FileItem)}
    assert drawn <= set(stand), drawn - set(stand)
    assert it.marks(root) == ["✅"]


def the_head_knows(state: TaskState) -> None:
    name = next(n for n in state.subtasks if n.startswith("ask-the-neighbours"))
    assert state.of(name).attempt == 2
    assert "They are no competitor." in state.of(name).summary
    assert "Very nice" in state.of(name).summary
    assert [row.decision.verb for row in state.approvals.values() if row.decision] == ["edit", "reject"]


def the_files_arrived(files: Mapping[str, bytes], state: TaskState) -> None:
    """As they lie on the shelf, each with a picture of its first page, and they open."""
    for row in state.deliverables.values():
        assert hashlib.sha256(files[row.deliverable.file.name]).hexdigest() == row.deliverable.file.sha
    assert sum(content.startswith((b"\x89PNG", b"\xff\xd8\xff")) for content in files.values()) >= 2
    book = openpyxl.load_workbook(io.BytesIO(files[SHEET]))
    assert [row[0] for row in cells(book["Comparison"])[1:6]] == [name.title() for name in SITES]
    assert any("Tidewick" in p.text for p in Document(io.BytesIO(files[SUMMARY])).paragraphs)

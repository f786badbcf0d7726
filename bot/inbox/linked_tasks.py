"""Reads tasks of this hub that a message links to, if its author may see them."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from bot.cards.card import Card
from bot.cards.card_projection import project
from bot.cards.hide_secrets_in_text import without_secrets
from bot.cards.tool_call_wording import cut
from bot.inbox.linked_messages import addresses
from orchestrator.desk import PersonalDesk
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import NO_BACKGROUND, MessageBackground, QuotedMessage
from orchestrator.domain.task import TaskState, ThreadLine
from orchestrator.errors import NotFound

MOST, MOST_TEXT = 5, 3_000
"""Links of one message; characters of a task's request and of its results."""


class TaskLink(NamedTuple):
    url: str
    task: TaskId


def links(text: str, host: str) -> Iterator[TaskLink]:
    """Yields the links to tasks in the web workspace at `host`, which may have a port."""
    for url in addresses(text):
        parts = urlsplit(url)
        folder, _, task = parts.path.lstrip("/").partition("/")
        if host and parts.netloc == host and folder == "t" and task.strip("/"):
            yield TaskLink(url, TaskId(unquote(task.partition("/")[0])))


async def linked_tasks(own_desk: PersonalDesk, text: str, host: str, *, but: TaskId | None = None) -> MessageBackground:
    """Returns the tasks with their files, and a sentence about each that can't be read. `but`: the task in which it is
    said."""
    wanted = list({one.task: one for one in links(text, host) if one.task != but}.values())
    if not wanted:
        return NO_BACKGROUND
    quoted: list[QuotedMessage] = []
    problems = [f"The linked task {one.url} was left out: only {MOST} linked tasks are read." for one in wanted[MOST:]]
    for one in wanted[:MOST]:
        try:
            quoted.append(_quoted(await own_desk.state(one.task)))
        except NotFound:
            problems.append(f"{one.url}: this task doesn't exist or belongs to someone else.")
    return MessageBackground(quoted=tuple(quoted), problems=tuple(problems))


def _quoted(state: TaskState) -> QuotedMessage:
    card, request = project(state), state.request
    assert request is not None, "a task that people may see has a request"
    files = (*request.files, *(line.file for line in card.files if not line.earlier))
    text = f"Task “{card.title}”: {cut(request.text, MOST_TEXT)}\n{_results(state, card)}"
    return QuotedMessage(how="link", by=request.by.name, files=files, at=state.opened, text=text)


def _results(state: TaskState, card: Card) -> str:
    """Returns what the task has found and answered so far, each part cut to its share."""
    parts = [
        f"Earlier result of the step “{row.title}”: {row.summary}"
        for row in card.rows
        if row.state == "done" and row.summary and (row.answers or not card.files)
    ]
    if answers := [line.text for line in state.lines if _is_answer(line)]:
        parts.append(f"Its newest answer: {without_secrets(answers[-1])}")
    if state.result or state.phase != "answered" or not answers:
        parts.insert(0, f"Result so far: {state.result or state.words or card.headline}")
    return "\n".join(_within(part, MOST_TEXT // len(parts)) for part in parts)


def _is_answer(line: ThreadLine) -> bool:
    return line.by is None and line.subtask is None and line.level == "said"


def _within(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"

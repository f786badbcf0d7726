"""A task as another assistant reads it: where it is, what waits for a person, its answer, and its files. Pure."""

from pydantic import BaseModel

from bot.cards.card import Card, FileLine
from bot.cards.card_projection import project
from bot.cards.decisions_one_at_a_time import at_work, needs
from orchestrator.domain.task import TaskState

SCHEME = "threadwork"


class ReportedFile(BaseModel):
    """A file that the task delivered, and where to read it."""

    name: str
    uri: str
    media: str
    size: int
    verdict: str


class TaskReport(BaseModel):
    """A task. `waits_for`: what a person has to decide before it continues."""

    task: str
    title: str
    state: str
    headline: str
    waits_for: list[str] = []
    answer: str = ""
    files: list[ReportedFile] = []
    link: str = ""


def rests(state: TaskState) -> bool:
    """Returns whether nothing changes until a person does something."""
    card = project(state)
    return state.final or (bool(needs(card)) and not at_work(card))


def report(state: TaskState, link: str) -> TaskReport:
    """Returns the report. `link`: the task's address in the workspace."""
    card = project(state)
    return TaskReport(
        task=state.id, title=card.title, state=card.state, headline=card.headline,
        waits_for=[need.title for need in needs(card)],
        answer="\n\n".join(row.long_answer for row in card.rows if row.long_answer),
        files=[reported(card, line) for line in current(card)], link=link,
    )  # fmt: skip


def current(card: Card) -> list[FileLine]:
    """Returns the newest version of each file."""
    return [line for line in card.files if not line.earlier]


def reported(card: Card, line: FileLine) -> ReportedFile:
    """Returns a file's row, with an address that `resources/read` takes."""
    file = line.file
    uri = f"{SCHEME}://tasks/{card.task}/files/{file.sha}"
    return ReportedFile(name=file.name, uri=uri, media=file.media, size=file.size, verdict=line.verdict)


def words(it: TaskReport) -> str:
    """Returns the report as text, with the next step."""
    lines = [f"{it.title} (task {it.task}): {it.headline}"]
    if it.waits_for:
        lines += ["A person has to decide:", *(f"- {title}" for title in it.waits_for), "Call approve to ask them."]
    elif it.state == "running":
        lines.append("It's still running. Call status to keep waiting.")
    if it.answer:
        lines += ["", it.answer]
    if it.files:
        lines += ["Files:", *(f"- {f.name} ({f.size} bytes, {f.verdict}): {f.uri}" for f in it.files)]
    if it.link:
        lines.append(f"In the workspace: {it.link}")
    return "\n".join(lines)


def progress(state: TaskState) -> str:
    """Returns one line about what happens now."""
    card = project(state)
    doing = [f"{row.title}: {row.doing}" for row in card.rows if row.state == "running" and row.doing]
    return "; ".join([card.headline, *doing[:3]])

"""Renders values as HTML; the same values give the same bytes. jinja escapes everything people or models wrote."""

import json
from collections.abc import Iterable, MutableMapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import JsonValue

from bot.cards.card import Card, DraftLine
from bot.cards.card_projection import waiting
from bot.cards.live_drafts import WRITING
from bot.cards.plan_graph import MARKS, draw
from bot.cards.timeline import told
from bot.cards.tool_call_wording import plain
from bot.chat_platform import Input
from bot.config import command_name
from bot.web.agent_views import AgentForm, AgentLine
from bot.web.connector_views import ConnectorsShown
from bot.web.markdown import drafted, rendered
from bot.web.view_models import (
    ChannelView,
    PageFrame,
    PlanForm,
    SessionLine,
    Sources,
    TakeoverView,
    Thread,
    UntrustedFolder,
)
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.plural import counted

MOST_MOMENTS = 300
STATE_WORDS = {
    "waiting": "Waiting", "running": "Working", "needs-you": "Needs you", "done": "Done", "failed": "Failed",
    "skipped": "Skipped", "paused": "Paused", "stopped": "Stopped",
}  # fmt: skip


def frame_parts(frame: PageFrame) -> dict[str, str]:
    """Returns the live regions around every page."""
    return {"rail": _draw("rail.html", frame=frame, rail=frame.rail), "trouble": escape(frame.trouble)}


def thread_page(frame: PageFrame, thread: Thread) -> str:
    return _draw("thread.html", frame=frame, thread=thread, parts=thread_parts(thread), title=thread.card.title)


def thread_parts(thread: Thread) -> dict[str, str]:
    """Returns a thread's live regions: element id -> content. In the past, nothing can be pressed."""
    card = thread.card if thread.at is None else _then(thread.card, thread.moments[-1].at)
    points = waiting(card.checkpoints)
    earlier = tuple(f for f in reversed(card.files) if f.earlier)
    read = told(thread.moments)
    moments = read[-MOST_MOMENTS:][::-1]
    return {
        "head": _draw("parts/head.html", thread=thread, card=card, open=len(points)),
        "thread": _draw("parts/thread.html", thread=thread, card=card, points=points, excerpts=thread.excerpts,
                        current=tuple(f for f in card.files if not f.earlier), earlier=earlier,
                        decided=tuple(p for p in card.checkpoints if p.decided)),
        "to": _draw("parts/to.html", rows=thread.card.rows),
        "panel-graph": _draw("parts/graph.html", svg=draw(card), card=card),
        "panel-findings": _draw("parts/findings.html", card=card),
        "panel-browser": _draw("parts/browser.html", card=card, thread_now=thread.at is None),
        "panel-timeline": _draw("parts/timeline.html", moments=moments, card=card,
                                hidden=len(read) - len(moments)),
    }  # fmt: skip


def draft_parts(steps: Iterable[str], lines: Iterable[DraftLine]) -> dict[str, str]:
    """Returns the live regions of drafts, of these steps and of the planner: empty where nobody is writing."""
    found = {draft_id(line.step): _draft(line) for line in lines}
    return {name: str(found.get(name, "")) for name in map(draft_id, ("", *steps))}


def draft_id(step: str) -> str:
    """Returns the id of the element that shows a step's draft."""
    return f"draft-{step}" if step else "draft"


def _draft(line: DraftLine) -> Markup:
    return Markup('<p class="writing">{}</p>{}').format(f"{WRITING}…", drafted(line.text))


def _draft_of(card: Card, step: str) -> Markup:
    return next((_draft(line) for line in card.drafts if line.step == step), Markup(""))


def channel_page(frame: PageFrame, channel: ChannelView) -> str:
    parts = channel_parts(channel)
    return _draw("channel.html", frame=frame, channel=channel, parts=parts, title=f"#{channel.name}")


def channel_parts(channel: ChannelView) -> dict[str, str]:
    """Returns a channel's live regions."""
    return {
        "messages": _draw("parts/messages.html", channel=channel),
        "threads": _draw("parts/threads.html", channel=channel),
    }


def takeover_page(frame: PageFrame, view: TakeoverView) -> str:
    """Shows an agent's page that a person controls or may take over."""
    return _draw("takeover.html", frame=frame, view=view, title=f"Browser page for {view.title}")


def people_page(frame: PageFrame, stays: Sequence[SessionLine], *, link: str = "", invited: str = "") -> str:
    """Shows who is here, and sessions that can be ended; for the owner also an invitation form and, once, the new
    link."""
    return _draw("people.html", frame=frame, stays=stays, link=link, invited=invited, title="People")


def agents_page(frame: PageFrame, agents: Sequence[AgentLine]) -> str:
    """Lists the agents; the owner can open each."""
    return _draw("agents.html", frame=frame, agents=agents, title="Agents")


def agent_page(frame: PageFrame, form: AgentForm, *, saved: bool) -> str:
    """Shows an agent's form with its mistakes, its versions, and what it would do first, if it was tried."""
    title = f"Agent {form.name}" if form.name else "New agent"
    return _draw("agent.html", frame=frame, form=form, saved=saved, title=title)


def link_page(url: str, asked: str, *, task: str = "", theme: str) -> str:
    """Shows an address of another site, for a person to open or not."""
    host = urlsplit(url).hostname or url
    return _draw("connector_link.html", task=task, url=url, host=host, asked=asked, theme=theme, title=f"Open {host}")


def kept_page(task: TaskId, text: str, asked: str, *, theme: str) -> str:
    """Shows its owner what a connector answered, before the thread may use it."""
    return _draw("connector_answer.html", task=task, text=text, asked=asked, theme=theme, title="Read it first")


def arrived_page(query: str, *, theme: str) -> str:
    """Shows a button before a sign-in to a service is finished: only a press on our own page brings the session."""
    return _draw("connector_arrived.html", query=query, theme=theme, title="Finish connecting")


def shared_skills_page(
    frame: PageFrame, folders: Sequence[UntrustedFolder], *, said: str = "", problem: bool = False
) -> str:
    """Shows the skills that wait for trust. `said`: how the last press went; `problem`: not well."""
    return _draw("shared_skills.html", frame=frame, folders=folders, said=said, problem=problem, title="Shared skills")


def connectors_page(frame: PageFrame, shown: ConnectorsShown, *, said: str = "", problem: bool = False) -> str:
    """Shows the connectors. `said`: how the last press went; `problem`: not well."""
    return _draw("connectors.html", frame=frame, it=shown, said=said, problem=problem, title="Connectors")


def connect_page(token: str, *, connector: str, name: str, id_: str, theme: str) -> str:
    """Shows whom a private link is for, and a button, so that a link preview doesn't use it up."""
    return _draw("connector_start.html", token=token, connector=connector, who=name, id_=id_, theme=theme,
                 title=f"Sign in to {connector}")  # fmt: skip


def connected_page(*, theme: str) -> str:
    """Shown after a sign-in to a person who has no session here."""
    return _draw("connector_done.html", theme=theme, title="Connected")


def enter_page(person: Person, *, token: str, session: str, theme: str) -> str:
    """Shows a button before a sign-in link is used, so that a link preview doesn't use it up."""
    return _draw("enter.html", person=person, token=token, session=session, theme=theme, title="Welcome")


def problem_page(words: str, *, status: int, theme: str) -> str:
    return _draw("problem.html", words=words, status=status, theme=theme, title="Something went wrong")


def plan_form(frame: PageFrame, task: str, form: PlanForm) -> str:
    return _draw("forms/plan.html", frame=frame, task=task, form=form)


def arguments_form(frame: PageFrame, task: str, ref: str, arguments: dict[str, JsonValue]) -> str:
    rows = [(name, v if isinstance(v, str) else _json(v), isinstance(v, str)) for name, v in arguments.items()]
    return _draw("forms/arguments.html", frame=frame, task=task, ref=ref, rows=rows)


def channel_form(frame: PageFrame) -> str:
    return _draw("forms/channel.html", frame=frame)


def words_form(frame: PageFrame, task: str, *, verb: str, ref: str, about: str) -> str:
    """Shows a form with one text: a reason, a change request, a message to one agent."""
    return _draw("forms/words.html", frame=frame, task=task, verb=verb, ref=ref, about=about)


def skill_form(frame: PageFrame, task: str, ref: str, fields: Sequence[Input]) -> str:
    return _draw("forms/skill.html", frame=frame, task=task, ref=ref, fields=fields)


def file_form(frame: PageFrame, task: str, *, ref: str, about: str) -> str:
    return _draw("forms/file.html", frame=frame, task=task, ref=ref, about=about)


def sources(task: str, shown: Sources) -> str:
    """Shows where a file's figures come from."""
    return _draw("forms/sources.html", task=task, it=shown)


def _then(card: Card, now: datetime) -> Card:
    """Shows a card of the past: nothing can be pressed, and its clocks show that moment."""
    points = tuple(p.model_copy(update={"buttons": ()}) for p in card.checkpoints)
    rows = tuple(r.model_copy(update={"buttons": (), "ended": r.ended or now}) for r in card.rows)
    changed = {"buttons": (), "checkpoints": points, "rows": rows, "closed": card.closed or now}
    return card.model_copy(update=changed)


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _size(file: FileRef) -> str:
    kilo = file.size / 1024
    return f"{file.size} B" if kilo < 1 else f"{kilo:.0f} kB" if kilo < 1024 else f"{kilo / 1024:.1f} MB"


def _lasted(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    seconds = max(int((end - start).total_seconds()), 0)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _file_path(task: str, file: FileRef) -> str:
    return f"/t/{quote(task, safe='')}/f/{file.sha}/{quote(file.name, safe='')}"


def _path(part: str) -> str:
    return quote(part, safe="")


def _link(where: str) -> str:
    """Returns the web address in a source, or nothing: only http and https become links."""
    url = where.split(" · ")[0]
    return url if url.startswith(("http://", "https://")) else ""


def _initials(name: str) -> str:
    words = name.split()
    return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def _hue(name: str) -> int:
    return sum(name.encode()) % 6


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    words: MutableMapping[str, object] = cast("MutableMapping[str, object]", made.globals)
    words.update(marks=MARKS, state_words=STATE_WORDS, counted=counted, lasted=_lasted, file_path=_file_path,
                 draft_id=draft_id, draft_of=_draft_of)  # fmt: skip
    filters: MutableMapping[str, object] = cast("MutableMapping[str, object]", made.filters)
    filters.update(size=_size, path=_path, link=_link, initials=_initials, hue=_hue)
    filters.update(rendered=rendered, plain=plain, named=command_name.told)
    return made


_PAGES = _environment()


def _draw(name: str, **values: object) -> str:
    return _PAGES.get_template(name).render(**values)

"""What somebody sees of their own, and the words of help. Pure."""

from collections.abc import Iterable
from datetime import datetime

from bot.cards.project import project, waiting
from bot.cards.wording import several
from bot.chat import Home
from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState
from orchestrator.domain.value import Value

MOST_CARDS = 20
HELP = (
    "Mention me with what you want done, with files if you like. I make a plan; you edit it or press Start. "
    "Agents then work side by side, ask before anything risky, and hand in files here in the thread. "
    "Reply in the thread to steer them; say “graph” there to see the plan drawn. “tasks” shows your tasks, what waits "
    "for you and what it cost; “settings” shows who thinks and where."
)


class About(Value):
    """What people may know of the hub. `model`: empty when none is set. `link`: of the web workspace, or empty."""

    model: str = ""
    planner: str = ""
    host: str = ""
    link: str = ""


def settings(about: About) -> str:
    """Which models think, where the agents work, and how to change it."""
    who = f"Agents think with {about.model}" if about.model else "No model is set, so a rehearsal answers"
    plans = f", plans are made with {about.planner}" if about.planner and about.planner != about.model else ""
    where = f" They work on the host {about.host!r}." if about.host else ""
    return (
        f"{who}{plans}.{where} Models, limits and rules stand in threadwork.toml, beside whoever runs me; "
        "“threadwork doctor” there checks them. For one task you choose agents and models with “Edit plan”."
    )


def home(states: Iterable[TaskState], who: Person, *, now: datetime, about: About | None = None) -> Home:
    """The person's own tasks at their platform: what waits for them first, then the newest. `now` in UTC."""
    known = about or About()
    mine = [s for s in states if s.request and s.request.by.id == who.id]
    cards = [project(s) for s in mine]
    asks = sum(len(waiting(card.checkpoints)) for card in cards)
    open_ = sum(1 for s in mine if not s.final)
    words = f"{several(len(mine), 'task')}, {open_} open. {several(asks, 'thing')} to decide."
    cards.sort(key=lambda card: card.state != "needs-you")
    shown = tuple(cards[:MOST_CARDS])
    places = {str(s.id): s.request.place for s in mine if s.request}
    return Home(
        cards=shown,
        words=words if mine else f"You have no tasks here yet. {HELP}",
        costs=_costs(mine, now) if mine else "",
        settings=settings(known),
        link=known.link,
        places={card.task: places[card.task] for card in shown},
    )


def _costs(mine: list[TaskState], now: datetime) -> str:
    """A task counts for the day and month (UTC) on which it was asked for."""
    today = sum(s.cost for s in mine if s.opened and s.opened.date() == now.date())
    month = sum(s.cost for s in mine if s.opened and (s.opened.year, s.opened.month) == (now.year, now.month))
    return (
        f"Cost of tasks from today ${today:.2f}, from this month ${month:.2f}, of all ${sum(s.cost for s in mine):.2f}."
    )

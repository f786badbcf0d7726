"""Shows a person's own tasks, and the help text. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.card_projection import project, waiting
from bot.cards.spending_wording import spent_so_far
from bot.chat_platform import Home
from orchestrator.domain.base_value import Value
from orchestrator.domain.plural import counted
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import Tally

MOST_CARDS = 20
HELP = (
    "Mention me and say what you want done; attach files if you like. I draft a plan; you edit it or press Start. "
    "Agents then work in parallel, ask before anything risky, and deliver files in the thread. "
    "Reply in the thread to steer them, or say “graph” there to see the plan as a picture. “tasks” shows your tasks, "
    "what's waiting for you, and what they cost; “settings” shows the model and the host; “connect” shows "
    "your accounts at connectors."
)


class About(Value):
    """What people may know about the hub. `model`: empty if none is set. `link`: of the web workspace, or empty."""

    model: str = ""
    planner: str = ""
    host: str = ""
    link: str = ""


def settings(about: About) -> str:
    """Says which models are used, where the agents run, and how to change it."""
    who = f"Agents use {about.model}" if about.model else "No model is set, so this is a rehearsal"
    plans = f", and {about.planner} drafts plans" if about.planner and about.planner != about.model else ""
    where = f" They run on the host {about.host!r}." if about.host else ""
    return (
        f"{who}{plans}.{where} Models, limits, and rules are set in threadwork.toml on the machine that runs "
        "threadwork; “threadwork doctor” checks them there. “Edit plan” changes agents and models for one task."
    )


class Totals(NamedTuple):
    """A person's tasks and their cost. A task counts for the day and month (UTC) on which it was requested."""

    ever: Tally
    month: Tally
    today: Tally


def home(mine: Sequence[TaskState], totals: Totals, *, about: About | None = None) -> Home:
    """Returns the person's own tasks on their platform: those that wait for them first, then the newest."""
    known = about or About()
    cards = [project(s) for s in mine]
    asks = sum(len(waiting(card.checkpoints)) for card in cards)
    ever = totals.ever
    words = f"{counted(ever.tasks, 'task')}, {ever.unfinished} open. {counted(asks, 'thing')} to decide."
    cards.sort(key=lambda card: card.state != "needs-you")
    shown = tuple(cards[:MOST_CARDS])
    places = {str(s.id): s.request.place for s in mine if s.request}
    return Home(
        cards=shown,
        words=words if mine else f"You don't have any tasks here yet. {HELP}",
        costs=_costs(totals) if mine else "",
        settings=settings(known),
        link=known.link,
        places={card.task: places[card.task] for card in shown},
    )


def _costs(totals: Totals) -> str:
    ever, month, today = (spent_so_far(one.cost, one.unpriced) for one in totals)
    return f"Cost: {today} for today's tasks, {month} for this month's, {ever} in total."

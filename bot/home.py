"""What somebody sees of their own, and the words of help. Pure."""

from collections.abc import Iterable

from bot.chat import Home
from bot.project import project, waiting
from bot.words import several
from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState

MOST_CARDS = 20
HELP = (
    "Mention me with what you want done, with files if you like. I make a plan; you edit it or press Start. "
    "Agents then work side by side, ask before anything risky, and hand in files here in the thread. "
    "Reply in the thread to steer them. `tasks` shows your tasks and what waits for you."
)

SETTINGS = (
    "Models, limits and rules stand in `threadwork.toml`, beside whoever runs me; `threadwork doctor` there checks "
    "them. For one task you choose agents and models with *Edit plan*."
)


def home(states: Iterable[TaskState], who: Person) -> Home:
    """The person's own tasks at their platform: what waits for them first, then the newest."""
    mine = [s for s in states if s.request and s.request.by.id == who.id]
    cards = [project(s) for s in mine]
    asks = sum(len(waiting(card.checkpoints)) for card in cards)
    open_ = sum(1 for s in mine if not s.final)
    cost = sum(s.cost for s in mine)
    words = f"{several(len(mine), 'task')}, {open_} open. {several(asks, 'thing')} to decide. Cost so far: ${cost:.2f}."
    cards.sort(key=lambda card: card.state != "needs-you")
    return Home(cards=tuple(cards[:MOST_CARDS]), words=words if mine else f"You have no tasks here yet. {HELP}")

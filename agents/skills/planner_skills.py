"""Tells the planner which skills exist, and which of them people asked for by name."""

from collections.abc import Awaitable, Callable, Iterator

from agents.skills.called_by_name import called
from agents.skills.library import SkillLibrary
from agents.skills.name_precedence import VisibleSkills
from agents.skills.skill_list_text import FOR_PLANNER
from orchestrator.domain.skill_content import PlannerSkills
from orchestrator.domain.task import TaskState

_CLOSE = 3
_MOST_WORDS = 4_000


class LibraryCatalogue:
    """Implements the SkillCatalogue port. `room`: returns the tokens that a model's prompt may have."""

    def __init__(self, library: SkillLibrary, room: Callable[[str], Awaitable[int]]) -> None:
        self._library, self._room = library, room

    async def for_planner(self, state: TaskState, model: str) -> PlannerSkills:
        visible = await self._library.visible(state)
        problems = [one.words for one in await self._library.skipped(state)]
        texts = list(_new_words(state))
        found = [called(text, visible.by_name) for text in texts]
        problems += [await self._unknown(one.unknown, visible) for one in found if one.unknown and visible.by_name]
        room = await self._room(model)
        return PlannerSkills(
            text=await self._library.listed(visible, "\n".join(texts)[-_MOST_WORDS:], FOR_PLANNER, room=room),
            names=frozenset(visible.by_name),
            called=tuple(dict.fromkeys(name for one in found for name in one.names)),
            problems=tuple(dict.fromkeys(problems)),
            attached=tuple(name for name, one in visible.by_name.items() if one.source == "task"),
        )

    async def _unknown(self, name: str, visible: VisibleSkills) -> str:
        close = [one.name for one in await self._library.closest(visible, name.replace("-", " "), _CLOSE)]
        hint = f"; the closest matches are {', '.join(f'/{one}' for one in close)}" if close else ""
        return f"There's no skill named {name!r} here{hint}. I'm continuing without it."


def _new_words(state: TaskState) -> Iterator[str]:
    """Yields the request, and what people have said since the plan was made."""
    if state.request is not None and state.plan is None:
        yield state.request.text
    since = state.planned_at
    yield from (x.text for x in state.lines if x.by is not None and (since is None or x.at > since))

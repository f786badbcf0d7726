"""What a model is writing for people right now, and how much of it a task is still waiting for. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.task import TaskState

MOST_SUMMARY, MOST_ANSWER = 8_000, 20_000
"""Characters that are kept of an agent's last words, and of the planner's answer."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A text in the making. `turn`: of the attempt; for the planner (`subtask` is None), the round."""

    text: str
    turn: int
    subtask: SubtaskId | None = None
    attempt: int = 1

    @property
    def kept(self) -> str:
        """Returns the text without what the final one would lose too."""
        return self.text[: MOST_ANSWER if self.subtask is None else MOST_SUMMARY]


def awaited(state: TaskState, drafts: Iterable[OpenDraft]) -> tuple[OpenDraft, ...]:
    """Returns the drafts whose turn isn't recorded yet: once it is, the fact replaces the draft."""
    return tuple(draft for draft in drafts if draft.text.strip() and _is_awaited(state, draft))


def _is_awaited(state: TaskState, draft: OpenDraft) -> bool:
    if draft.subtask is None:
        return state.phase == "planning" and state.rounds == draft.turn
    now = state.of(draft.subtask)
    return not state.final and now.status == "running" and now.attempt == draft.attempt and now.turns < draft.turn

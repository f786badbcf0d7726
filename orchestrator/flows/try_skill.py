"""Tries a drafted skill: the same request and files, in a separate task, with the draft as an attached skill."""

import logging
from collections.abc import Iterator

from orchestrator.domain import events as e
from orchestrator.domain.attachment_names import attached, with_names
from orchestrator.domain.compare_trial_files import MOST_TEXT, compared, has_text, made_files
from orchestrator.domain.ids import Key, TaskId
from orchestrator.domain.people import FileRef, Person, Request
from orchestrator.domain.saved_skill import SkillTrial
from orchestrator.domain.skill_trials import TrialOf, trial_id
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotFound, ThreadworkError
from orchestrator.ports import Shelf, SkillKeeper
from orchestrator.task_event_logs import Logs

logger = logging.getLogger(__name__)
_MOST_WORDS = 600


class TrialStart:
    """The durable function behind the engine's flow `try`."""

    def __init__(self, logs: Logs, keeper: SkillKeeper) -> None:
        self._logs, self._keeper = logs, keeper

    async def __call__(self, task: str, saving: int, number: int) -> None:
        """Opens the trial's task, once."""
        state = (await self._logs.open(TaskId(task))).state
        row = state.saved[saving]
        trial = row.trials[number - 1]
        if state.request is None or trial.words:
            return
        try:
            draft = await self._keeper.packed(state, row, trial.draft)
        except ThreadworkError as error:
            await self._end(task, saving, number, f"It couldn't be tried: {error}")
            return
        others = tuple(_others(state, trial, row.last_by))
        log = await self._logs.open(trial_id(state.id, saving, number))
        opened = e.TaskOpened(
            request=with_names(_again(state, trial, draft, relayed=bool(others))),
            rehearsal=state.rehearsal,
            trial=TrialOf(task=state.id, saving=saving, number=number, skill=trial.draft.name, others=others),
        )
        await log.record_patiently(Key("opened"), opened)

    async def crashed(self, error: Exception, task: str, saving: int, number: int) -> None:
        """Says so beside the draft, which can be tried again."""
        words = f"It couldn't be tried: something unexpected went wrong ({type(error).__name__}: {error})."
        await self._end(task, saving, number, words[:_MOST_WORDS])

    async def _end(self, task: str, saving: int, number: int, words: str) -> None:
        log = await self._logs.open(TaskId(task))
        event = e.SkillTried(saving=saving, number=number, task=trial_id(log.task, saving, number), words=words)
        await log.record_patiently(Key(f"skill:{saving}/tried:{number}"), event)


class TrialReport:
    """The durable function behind the engine's flow `tried`."""

    def __init__(self, logs: Logs, shelf: Shelf) -> None:
        self._logs, self._shelf = logs, shelf

    async def __call__(self, task: str) -> None:
        """Records in the original task what the trial made, once it has ended."""
        made = (await self._logs.open(TaskId(task))).state
        if made.trial is None or not made.final:
            return
        of = made.trial
        log = await self._logs.open(of.task)
        before, after = made_files(log.state), made_files(made)
        texts = {
            row.file.sha: await self._text(row.file) for row in (*before, *after) if has_text(row.file)
        }  # fmt: skip
        event = e.SkillTried(
            saving=of.saving, number=of.number, task=made.id, words=_ending(made)[:_MOST_WORDS],
            files=compared(before, after, texts),
        )  # fmt: skip
        await log.record_patiently(Key(f"skill:{of.saving}/tried:{of.number}"), event)

    async def crashed(self, error: Exception, task: str) -> None:
        """The trial's own card shows what it made."""
        logger.warning("%s: the trial's result can't be compared: %s", task, error)

    async def _text(self, file: FileRef) -> str:
        try:
            return (await self._shelf.get(file.sha))[:MOST_TEXT].decode(errors="replace")
        except NotFound:
            return ""


def _again(state: TaskState, trial: SkillTrial, draft: FileRef, *, relayed: bool) -> Request:
    """Returns the request as whoever asked for the trial would make it, with the draft called by its name."""
    assert state.request is not None, "a task without a request has no draft"
    old, name = state.request, trial.draft.name
    quoted = {file.sha for file in old.background.files}
    files = tuple(file for file in attached(state) if file.sha not in quoted)
    text = old.text if f"/{name}" in old.text.split() else f"/{name} {old.text}"
    return old.model_copy(
        update={"text": text, "by": trial.by, "files": (*files, draft), "relayed": old.relayed or relayed}
    )


def _others(state: TaskState, trial: SkillTrial, edited_by: Person | None) -> Iterator[Person]:
    """Yields everyone but whoever asked for the trial whose words it follows."""
    said = [state.request.by] if state.request else []
    said += [line.by for line in state.lines if line.by is not None]
    said += [edited_by] if edited_by else []
    yield from {one.id: one for one in said if one.id != trial.by.id}.values()


def _ending(state: TaskState) -> str:
    if state.phase == "stopped":
        return "The trial was stopped before it was done."
    if state.phase == "answered":
        return (
            f"The trial ended with an answer instead of a plan: {state.lines[-1].text if state.lines else state.words}"
        )
    return state.words or "Done."

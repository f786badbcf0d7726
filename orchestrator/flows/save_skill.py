"""Makes a skill from a task in the background: drafts it, files it once people have approved it, and rolls it back."""

from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, Stream, TaskId
from orchestrator.domain.next_moves import SAVING
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skill_rates import ROOM, owner_of, tally
from orchestrator.domain.skills import KnownSkill
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import ThreadworkError
from orchestrator.planning.skill_drafter import draft_skill
from orchestrator.planning.skill_request_text import described_task
from orchestrator.ports import Model, SkillKeeper
from orchestrator.task_event_logs import KeyedEvent, Logs, TaskLog


class SkillFlow:
    """The durable function behind the engine's flow `skill`."""

    def __init__(self, logs: Logs, model: Model, name: str, keeper: SkillKeeper) -> None:
        """`name`: the model that drafts, the planner's."""
        self._logs, self._model, self._name, self._keeper = logs, model, name, keeper

    async def __call__(self, task: str, saving: int) -> None:
        """Does what the skill's status asks for; nothing if people or another run were faster."""
        log = await self._logs.open(TaskId(task))
        row = log.state.saved.get(saving)
        if row is None or row.status not in SAVING:
            return
        begun = e.SkillBegun(task=log.task, saving=saving)
        await self._logs.ledger.record(Stream(ROOM), Key(f"{task}/skill:{saving}"), begun)
        try:
            event = await self._made(log, saving, row)
        except ThreadworkError as error:
            spent = error.spent
            event = e.SkillSavingFailed(
                saving=saving, problem=_problem(row, str(error)), cost=spent.cost, usage=Usage.of(spent),
                model=self._name if spent.cost else "",
            )  # fmt: skip
        await _record(log, saving, row, event)

    async def crashed(self, error: Exception, task: str, saving: int) -> None:
        """Reports an unexpected error in the thread."""
        log = await self._logs.open(TaskId(task))
        row = log.state.saved.get(saving)
        if row is not None and row.status in SAVING:
            problem = _problem(row, f"Something unexpected went wrong ({type(error).__name__}: {error}).")
            await _record(log, saving, row, e.SkillSavingFailed(saving=saving, problem=problem))

    async def _made(self, log: TaskLog, saving: int, row: SavedSkill) -> e.Event:
        match row.status:
            case "approved":
                return e.SkillFiled(saving=saving, skill=await self._keeper.file(log.state, row))
            case "restoring" if row.filed is not None:
                version = await self._keeper.roll_back(log.state, row.filed, row.by)
                return e.SkillRolledBack(saving=saving, version=version)
            case "reviving":
                await self._keeper.revive(log.state, row)
                return e.SkillRevived(saving=saving)
            case "exporting" if row.filed is not None:
                by = row.last_by or row.by
                file = await self._keeper.zipped(log.state, row.filed, row.by)
                return e.SkillExported(saving=saving, by=by, skill=row.filed, file=file)
            case _ if row.installs or row.source:
                found = await self._keeper.unpacked(log.state, row.installs, row.source)
                near = await self._rated(log.state, found.near)
                return e.SkillUnpacked(saving=saving, package=found.package, content=found.content, near=near)
            case _:
                return await self._drafted(log, saving, row)

    async def _drafted(self, log: TaskLog, saving: int, row: SavedSkill) -> e.SkillDrafted:
        state = log.state
        old = await self._keeper.named(state, row.updates) if row.updates else None
        text = described_task(state, log.records, old, row.words)
        keeps = old.skill.name if old else ""
        made = await draft_skill(text, self._model, self._name, f"{log.task}/skill:{saving}", keeps)
        near = old or await self._keeper.named(state, made.text.name) or await self._keeper.nearest(state, made.text)
        return e.SkillDrafted(
            saving=saving, draft=made.text, script=made.script, near=await self._rated(state, near), cost=made.cost,
            usage=made.usage, model=made.model,
        )  # fmt: skip

    async def _rated(self, state: TaskState, near: KnownSkill | None) -> KnownSkill | None:
        """Adds how the skill has done so far."""
        if near is None or state.request is None:
            return near
        rates = tally(await self._logs.ledger.read(Stream(ROOM)))
        key = (owner_of(near.skill.source, state.request), near.skill.name, near.skill.version)
        return near.model_copy(update={"rates": rates[key].words}) if key in rates else near


async def _record(log: TaskLog, saving: int, row: SavedSkill, event: e.Event) -> None:
    """Records the result, unless the skill has moved on since."""

    def rule(state: TaskState) -> KeyedEvent | None:
        now = state.saved[saving]
        return KeyedEvent(Key(f"skill:{saving}/after:{row.seq}"), event) if now.seq == row.seq else None

    await log.decide(rule, patiently=True)


def _problem(row: SavedSkill, problem: str) -> str:
    drafted = "installed" if row.source else "unpacked" if row.installs else "drafted"
    doing = {"approved": "saved", "restoring": "rolled back", "exporting": "exported", "reviving": "brought back"}.get(
        row.status, drafted
    )
    return f"The skill couldn't be {doing}: {problem}"[:2_000]

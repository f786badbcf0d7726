"""Archives skills made in chat that nobody has used for a long time, and says so where each was made."""

import logging
from datetime import datetime, timedelta

from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, Stream
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skill_rates import ROOM, begun, last_use, owner_of
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused
from orchestrator.ports import Clock, SkillKeeper
from orchestrator.task_event_logs import Logs

logger = logging.getLogger(__name__)
UNUSED = timedelta(days=180)


async def archive_unused(logs: Logs, keeper: SkillKeeper, clock: Clock) -> None:
    """Looks at every skill that is filed. Each is archived and reported once until it is brought back."""
    records = await logs.ledger.read(Stream(ROOM))
    before = clock.now() - UNUSED
    for task, saving in begun(records):
        state = await logs.glance(task)
        row = state.saved.get(saving)
        if row is None or row.status != "filed" or row.at is None or row.at > before:
            continue
        used = last_use(records, _owner(state, row), row.name)
        if (used is None or used <= before) and await _archived(keeper, state, row, before):
            log = await logs.open(task)
            key = Key(f"skill:{saving}/archived:{row.seq}")
            await log.record_patiently(key, e.SkillArchived(saving=saving, days=UNUSED.days))


async def _archived(keeper: SkillKeeper, state: TaskState, row: SavedSkill, before: datetime) -> bool:
    try:
        return await keeper.archive_unused(state, row, before)
    except Refused as error:
        logger.warning("%s: the skill %s can't be archived: %s", state.id, row.name, error)
        return False


def _owner(state: TaskState, row: SavedSkill) -> str:
    if state.request is None or row.filed is None:
        return ""
    return owner_of(row.filed.source, state.request.model_copy(update={"by": row.by}))

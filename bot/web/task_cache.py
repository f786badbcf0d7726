"""Keeps each viewed task's facts between requests, read from the desk once."""

from collections import OrderedDict
from collections.abc import Iterator

from bot.cards.timeline import Moment, moments
from orchestrator.desk import PersonalDesk
from orchestrator.domain import events as e
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState

MOST_KEPT = 64
PICTURES = ("image/png", "image/jpeg")


class TaskFacts:
    """One task's facts, in order, and the files they name."""

    def __init__(self, task: TaskId) -> None:
        self.task = task
        self.records: list[e.Record] = []
        self.moments: list[Moment] = []
        self.files: dict[Sha, FileRef] = {}
        self.pictures: set[Sha] = set()
        self._titles: dict[str, str] = {}

    async def catch_up(self, own_desk: PersonalDesk) -> None:
        """Reads what is new."""
        found = await own_desk.records(self.task, after=len(self.records))
        fresh = [r for r in found if r.seq > len(self.records)]  # another request may have caught up in the meantime
        self.records += fresh
        self.moments += moments(fresh, self._titles)
        for record in fresh:
            self.files |= {f.sha: f for f in files_of(record.event)}
            self.pictures |= {f.sha for f in pictures_of(record.event) if f.media in PICTURES}

    def then(self, at: int) -> TaskState:
        """Returns the task as of fact number `at`."""
        return replay(self.task, self.records[: max(at, 1)])


class TaskCache:
    """The tasks that people are viewing; the least recently used one is dropped first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[TaskId, TaskFacts] = OrderedDict()

    async def of(self, own_desk: PersonalDesk, task: TaskId) -> TaskFacts:
        """Returns the task's facts, up to date. Raises NotFound, also if it is hidden from the person."""
        await own_desk.state(task)
        story = self._kept.setdefault(task, TaskFacts(task))
        self._kept.move_to_end(task)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        await story.catch_up(own_desk)
        return story


def files_of(event: e.Event) -> Iterator[FileRef]:
    """Returns every file that a task's fact names: nothing else is served to people."""
    match event:
        case e.TaskOpened(request=request):
            yield from (*request.files, *request.background.files)
        case e.PersonSaid(files=files, background=background):
            yield from (*files, *background.files)
        case e.PersonRemarked(files=files):
            yield from files
        case e.ToolReturned(result=result):
            yield from result.files
        case e.DeliverableOffered(deliverable=it):
            yield it.file
            if it.provenance:
                yield it.provenance
        case e.DeliverableDecided(file=file) if file:
            yield file
        case e.SkillExported(file=file):
            yield file
        case e.SkillTried(files=files):
            yield from (one.after for one in files if one.after)
        case _:
            pass
    yield from pictures_of(event)


def pictures_of(event: e.Event) -> Iterator[FileRef]:
    """Returns pictures that our own tools made: only these are shown in the page."""
    match event:
        case e.ToolReturned(result=result) if result.picture:
            yield result.picture
        case e.DeliverableOffered(deliverable=it):
            yield from it.previews
        case e.SkillTried(files=files):
            yield from (one.after_page for one in files if one.after_page)
        case _:
            pass

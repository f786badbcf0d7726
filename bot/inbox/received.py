"""What was heard at one platform: how it is named and kept, and which task lives where. A fold of the room's facts."""

from collections.abc import Mapping, Sequence

from bot.chat import Changed, Inbound, Mentioned, Pressed, Submitted, Wrote
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

KINDS: Mapping[str, type[Inbound]] = {
    "mentioned": Mentioned, "wrote": Wrote, "changed": Changed, "pressed": Pressed, "submitted": Submitted,
}  # fmt: skip


def kind_of(inbound: Inbound) -> str:
    """Its name in the ledger."""
    return next(name for name, kind in KINDS.items() if type(inbound) is kind)


def key_of(inbound: Inbound) -> str:
    """The same for every delivery: a message counts once, under whatever event ids it came."""
    match inbound:
        case Mentioned(message=message) | Wrote(message=message) if message:
            return f"{kind_of(inbound)}/{inbound.place.channel}/{message}"
        case _:
            return f"{kind_of(inbound)}/{inbound.id}"


def command_id(inbound: Inbound) -> str:
    """What makes the command count once, also where two kinds of events stand for one message."""
    match inbound:
        case Mentioned(message=message) | Wrote(message=message) if message:
            return message
        case _:
            return inbound.id


def place_of(heard: e.Heard) -> Place:
    """Where that was."""
    return Place.model_validate(heard.inbound["place"])


class Known:
    """All that one room says. `undone`: heard, but perhaps not acted on."""

    def __init__(self) -> None:
        self.undone: dict[str, e.Heard] = {}
        self._seen: set[str] = set()
        self._threads: dict[tuple[str, str], TaskId] = {}
        self._requests: dict[tuple[str, str], TaskId] = {}
        self._messages: dict[TaskId, str] = {}
        self._newest: dict[str, str] = {}

    def absorb(self, key: str, event: e.Event) -> None:
        """One fact of the room."""
        match event:
            case e.Heard():
                self._seen.add(key)
                self.undone[key] = event
                self.heard(place_of(event).channel, str(event.inbound.get("message", "")))
            case e.Acted(heard=heard, opened=opened):
                if (found := self.undone.pop(heard, None)) and opened:
                    message = str(found.inbound.get("message", ""))
                    self.opened(TaskId(opened), place_of(found), message)
            case _:
                pass

    def opened(self, task: TaskId, place: Place, message: str) -> None:
        """A task began there."""
        self._messages[task] = message
        self._threads[place.channel, place.thread] = task
        if message:
            self._requests[place.channel, message] = task

    def heard(self, channel: str, message: str) -> None:
        """A message of that channel was taken."""
        self._newest[channel] = max(self._newest.get(channel, ""), message, key=_age)

    async def since(self, channel: str) -> str:
        """The last message taken in that channel or, where there was none, anywhere: ids of messages grow with time.

        Empty when nothing was ever heard.
        """
        return self._newest.get(channel) or max(self._newest.values(), key=_age, default="")

    async def channels(self, team: str) -> Sequence[str]:
        """Channels of that team in which anything was heard."""
        return [channel for channel in self._newest if channel.startswith(f"{team}/")]

    def first(self, key: str) -> bool:
        """Whether nobody has said this before; from now on somebody has."""
        new = key not in self._seen
        self._seen.add(key)
        return new

    def forget(self, key: str) -> None:
        """It could not be kept, so the next delivery is the first."""
        self._seen.discard(key)

    def task_at(self, place: Place) -> TaskId | None:
        """The newest task of that thread."""
        return self._threads.get((place.channel, place.thread))

    def request_at(self, channel: str, message: str) -> TaskId | None:
        """The task whose request that message is."""
        return self._requests.get((channel, message))

    def message_of(self, task: TaskId) -> str | None:
        """The request's message, empty for none; None for a task that nobody asked for here."""
        return self._messages.get(task)


def _age(message: str) -> tuple[int, str]:
    return len(message), message

"""Messages that a message on a platform refers to, as adapters read them. Pure."""

from datetime import datetime
from typing import Literal

from bot.remote_file import RemoteFile
from orchestrator.domain.base_value import Value


class Quote(Value):
    """A message that another one builds on, as it is now. `how`, `where`: see `QuotedMessage`.

    `message`: its id, empty if the platform doesn't say. A deleted one has no `by`.
    """

    how: Literal["thread", "reply", "forward", "link"]
    by: str
    text: str = ""
    files: tuple[RemoteFile, ...] = ()
    at: datetime | None = None
    message: str = ""
    where: str = ""


class QuotedMessages(Value):
    """What a message builds on. `title`: of its thread. `problems`: sentences about what couldn't be read."""

    title: str = ""
    quotes: tuple[Quote, ...] = ()
    left_out: int = 0
    problems: tuple[str, ...] = ()

    def plus(self, more: "QuotedMessages") -> "QuotedMessages":
        """Returns both together."""
        quotes, problems = (*self.quotes, *more.quotes), (*self.problems, *more.problems)
        return self.model_copy(update={"quotes": quotes, "problems": problems})

"""Files and other messages that a message on a platform refers to, as adapters read them. Pure."""

from datetime import datetime
from typing import Literal

from orchestrator.domain.base_value import Value


class RemoteFile(Value):
    """A file that is still on the platform. `size` in bytes; `url` is only for `ChatPlatform.fetch`.

    `problem`: why it can't be fetched, worded to follow the file's name; empty if nothing is known against it. `holds`:
    `text` is a message that was too long for one, `speech` a voice message; `transcript` asks for what is said in it.
    """

    id: str
    name: str
    size: int
    media: str = "application/octet-stream"
    url: str = ""
    problem: str = ""
    holds: Literal["file", "text", "speech", "transcript"] = "file"


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


def linked(words: str, address: str) -> str:
    """Returns what a person could click, in words."""
    return f"{words} ({address})" if words and address and words != address else words or address

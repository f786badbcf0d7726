"""A file that is still on a platform, as adapters read it. Pure."""

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

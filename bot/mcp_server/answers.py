"""Our values as the protocol's contents."""

import base64

from mcp_types import (
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from bot.mcp_server.task_report import ReportedFile, TaskReport, words
from orchestrator.domain.people import FileRef

EMBEDDED = 4 << 20
"""Bytes of a file that may be part of an answer."""


def text(sentence: str) -> CallToolResult:
    """Returns a sentence."""
    return CallToolResult(content=[TextContent(type="text", text=sentence)])


def reported(it: TaskReport, before: str = "") -> CallToolResult:
    """Returns a task's report, with links to its files. `before`: what was just done, in words."""
    said = f"{before}\n{words(it)}" if before else words(it)
    blocks: list[ContentBlock] = [TextContent(type="text", text=said), *map(_link, it.files)]
    return CallToolResult(content=blocks, structured_content=it.model_dump(mode="json"))


def listed(files: list[ReportedFile]) -> CallToolResult:
    """Returns links to files."""
    lines = [f"{f.name} ({f.size} bytes, {f.verdict}): {f.uri}" for f in files] or ["There are no files yet."]
    return CallToolResult(content=[TextContent(type="text", text="\n".join(lines)), *map(_link, files)])


def embedded(file: FileRef, uri: str, content: bytes) -> CallToolResult:
    """Returns a file's content, as text where it is text."""
    written = as_text(file, content)
    if written is not None:
        part = TextResourceContents(uri=uri, text=written, mime_type=file.media)
    else:
        part = BlobResourceContents(uri=uri, blob=base64.b64encode(content).decode(), mime_type=file.media)
    return CallToolResult(content=[EmbeddedResource(type="resource", resource=part)])


def as_text(file: FileRef, content: bytes) -> str | None:
    """Returns the text of a text file, None for others."""
    if not (file.media.startswith("text/") or file.media in ("application/json", "image/svg+xml")):
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _link(file: ReportedFile) -> ResourceLink:
    return ResourceLink(type="resource_link", name=file.name, uri=file.uri, mime_type=file.media, size=file.size)

"""The tools that threadwork offers to other assistants and editors."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Annotated, Any

from mcp.server.mcpserver import Context, Elicit, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.mcpserver.resolve import AcceptedElicitation, ElicitationResult
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import BaseModel, Field

from bot.cards.card_projection import project
from bot.config.command_name import told
from bot.mcp_server import answers
from bot.mcp_server.approval_form import ApprovalAnswer, schema_of
from bot.mcp_server.caller import McpCaller
from bot.mcp_server.task_report import SCHEME, progress, report
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused, ThreadworkError

Call = Context[Any, Any]
CallerOf = Callable[[Call], Awaitable[McpCaller]]
"""Returns the person behind a call. Raises NotAllowed."""

INSTRUCTIONS = (
    "threadwork is an AI coworker that plans a request, works on its steps in parallel, and delivers files. "
    "Call ask with the whole request. When a task waits for a person, call approve: it asks them in this client; "
    "you can't decide for them. Call status to keep waiting, files to read what was delivered, cancel to stop a task. "
    "Ending a call early doesn't stop its task."
)
WAIT = 50.0
"""Seconds that a call waits by default: less than most clients wait for an answer."""
MOST_WAIT = 3600.0
Wait = Annotated[float, Field(ge=0, le=MOST_WAIT, description="Seconds to wait for the task; 0 returns immediately.")]
Task = Annotated[str, Field(description="The task's ID, from ask or status.")]
NO_FORM = "This client can't show a form, so a person has to decide in the workspace: {link}"
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


class GivenFile(BaseModel):
    """A file for the task: its name, and its content as text or as base64."""

    name: str = Field(min_length=1, max_length=120)
    text: str = ""
    base64: str = ""


class NotAsked(BaseModel):
    """Why the person wasn't asked."""

    words: str


@contextmanager
def sentences(kind: type[Exception] = ToolError) -> Generator[None]:
    """Turns refusals into errors that the client's model reads."""
    try:
        yield
    except ThreadworkError as error:
        raise kind(told(str(error))) from error


def offer(server: MCPServer[Any], caller_of: CallerOf) -> None:
    """Registers the tools and the files."""
    _offer_work(server, caller_of)
    _offer_approval(server, caller_of)
    _offer_files(server, caller_of)


def _offer_work(server: MCPServer[Any], caller_of: CallerOf) -> None:
    @server.tool(annotations=ToolAnnotations(destructive_hint=False))
    async def ask(
        request: Annotated[str, Field(min_length=1, max_length=20_000, description="What should be done.")],
        ctx: Call,
        files: Annotated[list[GivenFile], Field(max_length=30)] = [],  # noqa: B006  (a schema's default)
        wait: Wait = WAIT,
    ) -> CallToolResult:
        """Hand threadwork a request. Returns the task when it's done, when a person has to decide something, or
        after `wait` seconds; it continues either way."""
        with sentences():
            caller = await caller_of(ctx)
            kept = [await caller.own_desk.shelf.put(_content(file), name=file.name) for file in files]
            return await _waited(caller, await caller.opened(request, kept), wait, ctx)

    @server.tool(annotations=READS)
    async def status(ctx: Call, task: str = "", wait: Wait = WAIT) -> CallToolResult:
        """Wait until a task is done or a person has to decide, then report on it. Without a task, list the newest."""
        with sentences():
            caller = await caller_of(ctx)
            if task:
                return await _waited(caller, TaskId(task), wait, ctx)
            cards = [project(state) for state in await caller.newest()]
            lines = [f"{card.task}  {card.state}  {card.title}: {card.headline}" for card in cards]
            return answers.text("\n".join(lines) or "There are no tasks yet.")

    @server.tool(annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=True))
    async def cancel(task: Task, ctx: Call) -> CallToolResult:
        """Stop a task for good. What it has delivered stays."""
        with sentences():
            caller = await caller_of(ctx)
            receipt = await caller.stopped(TaskId(task))
            return await _waited(caller, TaskId(task), 0, ctx, receipt.words)


def _offer_approval(server: MCPServer[Any], caller_of: CallerOf) -> None:
    async def asked(task: str, ctx: Call) -> Elicit[ApprovalAnswer] | NotAsked:
        """Asks the client's person, if the client can."""
        with sentences():
            caller = await caller_of(ctx)
            form = await caller.form(TaskId(task))
            link = caller.link(TaskId(task)) or "run `threadwork up` for its address."
            if form is None:
                return NotAsked(words="Nothing is waiting for a decision that can be made here.")
            if not _shows_forms(ctx):
                return NotAsked(words=NO_FORM.format(link=told(link)))
            return Elicit(form.message, schema_of(form))

    @server.tool(annotations=ToolAnnotations(destructive_hint=True))
    async def approve(
        task: Task, ctx: Call, answer: Annotated[ElicitationResult[ApprovalAnswer], Resolve(asked)], wait: Wait = WAIT
    ) -> CallToolResult:
        """Ask the person at this client to decide what the task waits for: its plan, an action, a file, or a
        question. Their answer counts, and the task continues."""
        with sentences():
            caller = await caller_of(ctx)
            if not isinstance(answer, AcceptedElicitation):
                return await _waited(caller, TaskId(task), 0, ctx, "The person didn't answer, so nothing was decided.")
            given: ApprovalAnswer | NotAsked = answer.data
            if isinstance(given, NotAsked):
                return await _waited(caller, TaskId(task), 0, ctx, given.words)
            receipt = await caller.decided(TaskId(task), given)
            return await _waited(caller, TaskId(task), wait, ctx, receipt.words)


def _offer_files(server: MCPServer[Any], caller_of: CallerOf) -> None:
    @server.tool(annotations=READS)
    async def files(task: Task, ctx: Call, name: str = "") -> CallToolResult:
        """List what the task has delivered; with a name, return that file."""
        with sentences():
            caller = await caller_of(ctx)
            state = await caller.own_desk.state(TaskId(task))
            rows = report(state, "").files
            if not name:
                return answers.listed(rows)
            row = next((row for row in rows if row.name == name), None)
            if row is None:
                known = ", ".join(repr(row.name) for row in rows) or "no files"
                raise Refused(f"The task has no file {name!r}; it has {known}.")
            if row.size > answers.EMBEDDED:
                at = caller.link(TaskId(task)) or "the workspace"
                raise Refused(f"{name!r} is too large to return here ({row.size} bytes). Download it from {at}.")
            file, content = await caller.content(TaskId(task), row.uri.rpartition("/")[2])
            return answers.embedded(file, row.uri, content)

    @server.resource(f"{SCHEME}://tasks/{{task}}/files/{{sha}}", name="file", mime_type="application/octet-stream")
    async def file_(task: str, sha: str, ctx: Call) -> bytes:
        """A file that a task delivered."""
        with sentences(ResourceError):
            return (await (await caller_of(ctx)).content(TaskId(task), sha))[1]


async def _waited(caller: McpCaller, task: TaskId, wait: float, ctx: Call, before: str = "") -> CallToolResult:
    """Follows the task, reports progress to the client, and returns its report."""

    async def hear(state: TaskState) -> None:
        await ctx.report_progress(state.seq, None, progress(state))

    state = await caller.followed(task, wait, hear)
    return answers.reported(report(state, caller.link(task)), before)


def _content(file: GivenFile) -> bytes:
    if not file.base64:
        return file.text.encode()
    try:
        return base64.b64decode(file.base64, validate=True)
    except binascii.Error:
        raise Refused(f"The content of {file.name!r} isn't valid base64.") from None


def _shows_forms(ctx: Call) -> bool:
    can = ctx.client_capabilities.elicitation if ctx.client_capabilities else None
    return can is not None and (can.form is not None or can.url is None)

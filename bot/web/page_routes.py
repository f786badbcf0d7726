"""Serves what people look at: pages, their live regions, and the forms that open in a dialog."""

from secrets import token_hex

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.buttons.skill_form import skill_inputs
from bot.cards.card import Card
from bot.cards.card_projection import edit_ref, project, waiting
from bot.cards.live_drafts import draft_lines, with_drafts
from bot.cards.tool_call_wording import plain, shown_args
from bot.web import render, summaries
from bot.web.file_excerpt import Excerpt
from bot.web.live_stream import EventStream, LiveRegions, OftenChanging, Streams
from bot.web.people_page import people_page
from bot.web.provenance import sources
from bot.web.request_context import RequestContext, theme
from bot.web.sign_in import door
from bot.web.view_models import PageFrame, PlanForm, Summary, Thread
from bot.web.workspace_state import FIRST_CHANNEL
from orchestrator.domain.ids import ApprovalId, DeliverableId, Sha, SubtaskId, TaskId
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotFound, Refused, Stale


class PageRoutes:
    """The GET addresses."""

    def __init__(self, visits: RequestContext, streams: Streams) -> None:
        self._visits = visits
        self._streams = streams

    async def home(self, request: Request) -> Response:
        return RedirectResponse(f"/c/{FIRST_CHANNEL}", status_code=303)

    async def door(self, request: Request) -> Response:
        """Shows a button; the link is used only when it is pressed."""
        token = request.path_params["token"]
        found = door(await self._visits.room(), token, self._visits.clock)
        page = render.enter_page(found.person, token=token, session=token_hex(16), theme=theme(request))
        return HTMLResponse(page)

    async def people(self, request: Request) -> Response:
        return HTMLResponse(await people_page(self._visits, request))

    async def channel(self, request: Request) -> Response:
        name = request.path_params["channel"]
        frame = await self._visits.frame(request, channel=name)
        room = await self._visits.room()
        if name not in room.channels:
            raise NotFound(f"There's no channel {name!r}; choose one on the left.")
        return HTMLResponse(
            render.channel_page(frame, summaries.channel(room, await self._summaries(request, name), name))
        )

    async def channel_form(self, request: Request) -> Response:
        return HTMLResponse(render.channel_form(await self._visits.frame(request)))

    async def room_live(self, request: Request) -> Response:
        """Returns the rail, and the channel a page shows."""
        own_desk = await self._visits.own_desk(request)
        name = request.query_params.get("channel", "")

        async def look() -> LiveRegions:
            frame = await self._visits.frame(request, channel=name)
            room = await self._visits.room()
            parts = render.frame_parts(frame)
            if name:
                parts |= render.channel_parts(summaries.channel(room, await self._summaries(request, name), name))
            return LiveRegions(room.seq, parts)

        sources = (own_desk.watch_all(), self._visits.room_changes(), self._visits.trouble_changes())
        return EventStream(self._streams, sources, look, who=own_desk.viewer.person.id)  # pyright: ignore[reportReturnType]

    async def thread(self, request: Request) -> Response:
        task = TaskId(request.path_params["task"])
        frame = await self._visits.frame(request, task=task)
        return HTMLResponse(render.thread_page(frame, await self._thread(request, task, _at(request))))

    async def thread_parts(self, request: Request) -> Response:
        """Returns the regions as of `?at=`, or now, for the replay slider."""
        thread = await self._thread(request, TaskId(request.path_params["task"]), _at(request))
        parts = render.thread_parts(thread)
        time = thread.moments[-1].at.isoformat()
        return JSONResponse({"parts": parts, "seq": thread.last, "at": thread.at, "time": time})

    async def thread_live(self, request: Request) -> Response:
        """Streams a thread's regions and the rail. `since`, or the browser's Last-Event-ID: what the page already
        shows."""
        own_desk, task = await self._visits.own_desk(request), TaskId(request.path_params["task"])
        since = _number(request.headers.get("last-event-id") or request.query_params.get("since", ""))

        async def drafts() -> dict[str, str]:
            state, written = await own_desk.drafted(task)
            steps = [step.id for step in state.plan.subtasks] if state.plan else []
            return render.draft_parts(steps, draft_lines(state, written))

        async def look() -> LiveRegions:
            frame = await self._visits.frame(request, task=task)
            thread = await self._thread(request, task, None)
            written = render.draft_parts([row.id for row in thread.card.rows], thread.card.drafts)
            parts = {**render.thread_parts(thread), **written, **render.frame_parts(frame)}
            return LiveRegions(thread.last, parts, plain(thread.card.headline))

        sources = (
            own_desk.watch(task), own_desk.watch_all(), self._visits.room_changes(), self._visits.trouble_changes(),
        )  # fmt: skip
        return EventStream(  # pyright: ignore[reportReturnType]
            self._streams, sources, look, who=own_desk.viewer.person.id, since=since,
            often=OftenChanging(own_desk.draft_changes(task), drafts),
        )  # fmt: skip

    async def form(self, request: Request) -> Response:
        """Returns the form behind a button, with a fresh command id."""
        task, verb = TaskId(request.path_params["task"]), request.path_params["verb"]
        frame = await self._visits.frame(request, task=task)
        state = await (await self._visits.own_desk(request)).state(task)
        return HTMLResponse(await self._form(frame, state, verb, request.query_params.get("ref", "")))

    async def sources(self, request: Request) -> Response:
        """Shows where a file's figures come from."""
        own_desk, task = await self._visits.own_desk(request), TaskId(request.path_params["task"])
        state = await own_desk.state(task)
        row = state.deliverables.get(DeliverableId(request.path_params["deliverable"]))
        if row is None:
            raise NotFound("That file isn't part of this task.")
        kept = row.deliverable.provenance
        content = await self._visits.shelf.get(kept.sha) if kept else b"[]"
        records = (await self._visits.stories.of(own_desk, task)).records
        return HTMLResponse(render.sources(task, sources(content, row.deliverable, state, records)))

    async def _summaries(self, request: Request, channel: str) -> tuple[Summary, ...]:
        return await self._visits.summaries(await self._visits.own_desk(request), channel)

    async def _thread(self, request: Request, task: TaskId, at: int | None) -> Thread:
        own_desk = await self._visits.own_desk(request)
        story = await self._visits.stories.of(own_desk, task)
        last = len(story.records)
        past = at is not None and at < last
        state = story.then(at) if past and at is not None else story.then(last)
        place = state.request.place if state.request else None
        shown, card = story.moments[: state.seq], project(state)
        if not past:
            _, written = await own_desk.drafted(task)
            card = with_drafts(card, state, written)
        return Thread(
            card=card,
            channel=place.channel if place else FIRST_CHANNEL,
            platform=place.platform if place else "web",
            moments=tuple(shown),
            last=last,
            at=state.seq if past else None,
            excerpts=await self._excerpts(card),
        )

    async def _excerpts(self, card: Card) -> dict[Sha, Excerpt]:
        open_ = {p.id for p in waiting(card.checkpoints)}
        files = [f.file for f in card.files if f.id in open_ and not f.own and not f.previews]
        read = [(file.sha, await self._visits.excerpts.of(file)) for file in files]
        return {sha: found for sha, found in read if found is not None}

    async def _form(self, frame: PageFrame, state: TaskState, verb: str, ref: str) -> str:
        match verb:
            case "edit-plan":
                return await self._plan_form(frame, state)
            case "edit":
                row = state.approvals.get(ApprovalId(ref))
                if row is None:
                    raise NotFound("That approval isn't part of this task.")
                shown = shown_args(row.approval.tool, row.approval.args)
                return render.arguments_form(frame, state.id, ref, shown)
            case "reject" | "request-changes" | "redirect":
                return render.words_form(frame, state.id, verb=verb, ref=ref, about=_about(state, verb, ref))
            case "edit-skill":
                return render.skill_form(frame, state.id, ref, skill_inputs(state, ref))
            case "replace":
                return render.file_form(frame, state.id, ref=ref, about=_about(state, verb, ref))
            case _:
                raise NotFound(f"There's no form {verb!r}; reload the page.")

    async def _plan_form(self, frame: PageFrame, state: TaskState) -> str:
        if state.plan is None:
            raise Refused("There's no plan to edit yet.")
        if state.final:
            raise Stale("This task has ended. Reply in the thread to continue.")
        locked = {
            s.id for s in state.plan.subtasks if state.started and state.of(s.id).status not in ("planned", "failed")
        }
        agents = [a.name for a in await self._visits.hub_desk.roster(state.request)]
        known = [s.agent for s in state.plan.subtasks if s.agent not in agents]
        form = PlanForm(
            plan=state.plan,
            base=edit_ref(state),
            locked=frozenset(locked),
            agents=tuple(dict.fromkeys([*agents, *known])),
            models=tuple(await self._visits.hub_desk.models()),
        )
        return render.plan_form(frame, state.id, form)


def _about(state: TaskState, verb: str, ref: str) -> str:
    if verb == "redirect":
        row = state.plan.subtask(SubtaskId(ref)) if state.plan else None
        return row.title if row else ref
    points = {p.id: p.title for p in project(state).checkpoints}
    reviewed = state.deliverables.get(DeliverableId(ref))
    return reviewed.file.name if reviewed else points.get(ref, "")


def _at(request: Request) -> int | None:
    at = _number(request.query_params.get("at", ""))
    return at if at > 0 else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1

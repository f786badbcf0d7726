"""The web workspace as an ASGI app: pages, forms, live streams and files over the desk."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.web import error_responses
from bot.web.agent_routes import AgentRoutes
from bot.web.agent_views import AgentEditor
from bot.web.connector_routes import ConnectorBoard, ConnectorRoutes
from bot.web.files import FileRoutes
from bot.web.live_stream import Streams
from bot.web.origin_guard import OriginGuard
from bot.web.page_routes import PageRoutes
from bot.web.private_routes import CALLBACK, CLIENT, FINISH, START, ConnectorSignIns, PrivateRoutes
from bot.web.request_context import STATIC, RequestContext
from bot.web.routes import FORM, LOGIN, TOUCHES, UPLOAD, Address, bounded, route
from bot.web.shared_skill_routes import SharedSkillRoutes, SharedSkills
from bot.web.takeover import Takeovers
from bot.web.takeover_routes import TakeoverRoutes
from bot.web.write_routes import WriteRoutes
from orchestrator.desk import Desk
from orchestrator.ports import Clock


def web_app(
    desk: Desk, *, secret: bytes, clock: Clock, public_hosts: set[str], extra_routes: Sequence[BaseRoute] = (),
    doors: Sequence[Route] = (), takeovers: Takeovers | None = None, sign_ins: ConnectorSignIns | None = None,
    board: ConnectorBoard | None = None, agents: AgentEditor | None = None,
    shared: SharedSkills | None = None,
) -> Starlette:  # fmt: skip
    """Builds one hub's workspace. `secret` signs cookies; `public_hosts`: the names it answers to.

    A name without a port allows every port. `extra_routes`: behind the same Host and Origin rules, without a login.
    `doors`: open to anyone under any name; each checks its own callers. `takeovers`: the agents' pages that people may
    control. `sign_ins`: at the services of connectors. `board`: the connectors. `agents`:
    changes those of a team's own. `shared`: skills of shared folders.
    """
    streams = Streams()
    untrusted = shared.waiting if shared else None
    visits = RequestContext(desk, secret=secret, clock=clock, agents=agents is not None, untrusted=untrusted)
    rows = [
        *_addresses(visits, streams),
        *_private_addresses(PrivateRoutes(visits, sign_ins)),
        *(_connector_addresses(ConnectorRoutes(visits, board, sign_ins)) if board and sign_ins else ()),
        *(_takeover_addresses(TakeoverRoutes(visits, takeovers)) if takeovers else ()),
        *(_agent_addresses(AgentRoutes(visits, agents)) if agents else ()),
        *(_skill_addresses(SharedSkillRoutes(visits, shared)) if shared else ()),
    ]
    routes: list[BaseRoute] = [
        *(route(row, visits) for row in rows),
        Mount("/static", StaticFiles(directory=STATIC)),
        *extra_routes,
        *map(bounded, doors),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(OriginGuard, hosts=frozenset(public_hosts), open_=[door.path for door in doors])],
        exception_handlers=error_responses.HANDLERS,
    )
    app.state.streams = streams
    return app


def _addresses(visits: RequestContext, streams: Streams) -> list[Address]:
    pages, writes, files = PageRoutes(visits, streams), WriteRoutes(visits), FileRoutes(visits)
    return [
        Address("/", pages.home, "people"),
        Address("/enter/{token}", pages.door, "anybody"),
        Address("/enter/{token}", writes.enter, "anybody", "POST", LOGIN),
        Address("/leave", writes.leave, "people", "POST", FORM),
        Address("/people", pages.people, "people"),
        Address("/people", writes.invite, "people", "POST", FORM),
        Address("/people/remove", writes.remove, "people", "POST", FORM),
        Address("/sessions/end", writes.end_session, "people", "POST", FORM),
        Address("/channels", writes.channel, "people", "POST", FORM),
        Address("/channels/new", pages.channel_form, "people"),
        Address("/live", pages.room_live, "people"),
        Address("/c/{channel}", pages.channel, "people"),
        Address("/c/{channel}/say", writes.post, "people", "POST", UPLOAD),
        Address("/c/{channel}/f/{sha}/{name}", files.of_channel, "people"),
        Address("/t/{task}", pages.thread, "task"),
        Address("/t/{task}/live", pages.thread_live, "task"),
        Address("/t/{task}/parts", pages.thread_parts, "task"),
        Address("/t/{task}/form/{verb}", pages.form, "task"),
        Address("/t/{task}/sources/{deliverable}", pages.sources, "task"),
        Address("/t/{task}/say", writes.say, "task", "POST", UPLOAD),
        Address("/t/{task}/do", writes.do, "task", "POST", UPLOAD),
        Address("/t/{task}/f/{sha}/{name}", files.of_task, "task"),
    ]


def _private_addresses(routes: PrivateRoutes) -> list[Address]:
    return [
        Address("/t/{task}/link/{question}", routes.link, "task"),
        Address(CLIENT, routes.client, "anybody"),
        Address(CALLBACK, routes.arrived, "anybody"),
        Address(FINISH, routes.finish, "anybody"),
        Address(f"{START}/{{token}}", routes.offer, "anybody"),
        Address(f"{START}/{{token}}", routes.take, "anybody", "POST", LOGIN),
    ]


def _connector_addresses(routes: ConnectorRoutes) -> list[Address]:
    return [
        Address("/connectors", routes.page, "people"),
        Address("/connectors", routes.press, "people", "POST", FORM),
    ]


def _skill_addresses(routes: SharedSkillRoutes) -> list[Address]:
    return [
        Address("/skills", routes.page, "people"),
        Address("/skills", routes.press, "people", "POST", FORM),
    ]


def _agent_addresses(routes: AgentRoutes) -> list[Address]:
    return [
        Address("/agents", routes.page, "people"),
        Address("/agents/new", routes.form, "people"),
        Address("/agents/save", routes.save, "people", "POST", FORM),
        Address("/agents/try", routes.try_out, "people", "POST", FORM),
        Address("/agents/rollback", routes.roll_back, "people", "POST", FORM),
        Address("/agents/remove", routes.remove, "people", "POST", FORM),
        Address("/agents/{name}", routes.form, "people"),
    ]


def _takeover_addresses(routes: TakeoverRoutes) -> list[Address]:
    at = "/t/{task}/takeover/{subtask}"
    return [
        Address(at, routes.page, "task"),
        Address(f"{at}/state", routes.state, "task"),
        Address(f"{at}/picture", routes.picture, "task"),
        Address(f"{at}/asks", routes.asks, "task"),
        Address(f"{at}/take", routes.take, "task", "POST", FORM),
        Address(f"{at}/touches", routes.touches, "task", "POST", TOUCHES),
        Address(f"{at}/allow", routes.allow, "task", "POST", FORM),
        Address(f"{at}/return", routes.hand_back, "task", "POST", FORM),
    ]

"""The web workspace as an ASGI app: pages, forms, live streams and files over the desk."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.web import answers
from bot.web.driving import Drives
from bot.web.files import MOST_BODY, Files
from bot.web.guard import Guard
from bot.web.live import Streams
from bot.web.pages import Pages
from bot.web.visit import STATIC, Visits
from bot.web.wheel import Wheels
from bot.web.writes import Writes
from orchestrator.desk import Desk
from orchestrator.ports import Clock


def web_app(
    desk: Desk, *, secret: bytes, clock: Clock, public_hosts: set[str], extra_routes: Sequence[BaseRoute] = (),
    doors: Sequence[Route] = (), drives: Drives | None = None,
) -> Starlette:  # fmt: skip
    """The workspace of one hub. `secret` signs cookies; `public_hosts`: the names it answers to.

    A name without a port stands for every port. `extra_routes`: behind the same Host and Origin rules,
    without a login. `doors`: open to anybody under any name; each sees for itself to whom it listens. `drives`: the
    agents' pages that people may drive.
    """
    streams = Streams()
    visits = Visits(desk, secret=secret, clock=clock)
    pages, writes, files = Pages(visits, streams), Writes(visits), Files(visits)
    routes: list[BaseRoute] = [
        Route("/", pages.home),
        Route("/enter/{token}", pages.door, methods=["GET"]),
        Route("/enter/{token}", writes.enter, methods=["POST"]),
        Route("/leave", writes.leave, methods=["POST"]),
        Route("/people", pages.people, methods=["GET"]),
        Route("/people", writes.invite, methods=["POST"]),
        Route("/channels", writes.channel, methods=["POST"]),
        Route("/channels/new", pages.channel_form),
        Route("/live", pages.room_live),
        Route("/c/{channel}", pages.channel),
        Route("/c/{channel}/say", writes.post, methods=["POST"]),
        Route("/c/{channel}/f/{sha}/{name}", files.of_channel),
        Route("/t/{task}", pages.thread),
        Route("/t/{task}/live", pages.thread_live),
        Route("/t/{task}/parts", pages.thread_parts),
        Route("/t/{task}/form/{verb}", pages.form),
        Route("/t/{task}/sources/{deliverable}", pages.sources),
        Route("/t/{task}/say", writes.say, methods=["POST"]),
        Route("/t/{task}/do", writes.do, methods=["POST"]),
        Route("/t/{task}/f/{sha}/{name}", files.of_task),
        Mount("/static", StaticFiles(directory=STATIC)),
        *(_driving(Wheels(visits, drives)) if drives else ()),
        *extra_routes,
        *doors,
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guard, hosts=frozenset(public_hosts), open_=[door.path for door in doors]),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BODY),
        ],
        exception_handlers=answers.HANDLERS,
    )
    app.state.streams = streams
    return app


def _driving(wheels: Wheels) -> list[BaseRoute]:
    at = "/t/{task}/drive/{subtask}"
    return [
        Route(at, wheels.page),
        Route(f"{at}/state", wheels.state),
        Route(f"{at}/picture", wheels.picture),
        Route(f"{at}/asks", wheels.asks),
        Route(f"{at}/take", wheels.take, methods=["POST"]),
        Route(f"{at}/touches", wheels.touches, methods=["POST"]),
        Route(f"{at}/allow", wheels.allow, methods=["POST"]),
        Route(f"{at}/return", wheels.hand_back, methods=["POST"]),
    ]

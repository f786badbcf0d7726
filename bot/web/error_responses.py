"""Turns refusals and mistakes into one sentence, as a page or as JSON for our script; never a stack trace."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.cards.card import Button
from bot.config.command_name import told
from bot.web import render
from bot.web.auth import HEADERS
from bot.web.request_context import NotSignedIn, theme
from orchestrator.errors import BadPlan, NotAllowed, NotFound, Refused, Stale, ThreadworkError

_STATUS: tuple[tuple[type[ThreadworkError], int], ...] = (
    (NotSignedIn, 401), (NotFound, 404), (Stale, 409), (NotAllowed, 403), (BadPlan, 422), (Refused, 422),
    (ThreadworkError, 503),
)  # fmt: skip
_HTTP = {
    404: "This page doesn't exist, or it has moved.",
    405: "This address doesn't accept that kind of request.",
    413: "That's larger than the workspace accepts. Send a smaller file.",
}


def wants_json(request: Request) -> bool:
    """Returns whether our own script is asking."""
    return "application/json" in request.headers.get("accept", "")


def done(
    request: Request, words: str = "", *, go: str, said: str = "", buttons: Sequence[Button] = ()
) -> Response:  # fmt: skip
    """After a write: a sentence for the script, or the page to show. `buttons`: what the person may do with what they
    have `said`."""
    if wants_json(request):
        choices = [{"verb": b.verb, "ref": b.ref, "label": b.label} for b in buttons]
        return JSONResponse({"ok": True, "words": words, "go": go, "said": said, "choices": choices})
    return RedirectResponse(go, status_code=303)


def problem(request: Request, words: str, status: int) -> Response:
    if wants_json(request):
        return JSONResponse({"problem": words}, status_code=status)
    return HTMLResponse(render.problem_page(words, status=status, theme=theme(request)), status_code=status)


async def _refused(request: Request, error: Exception) -> Response:
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
    return problem(request, told(str(error)), status)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(request, _HTTP.get(status, "The request was invalid. Go back and try again."), status)


async def _broken(request: Request, error: Exception) -> Response:
    answer = problem(request, "Something went wrong on our side, but nothing was lost. Reload the page.", 500)
    answer.headers.update({name.decode(): value.decode() for name, value in HEADERS})  # it is made outside the guard
    return answer


HANDLERS: Mapping[Any, Callable[[Request, Exception], Any]] = {
    ThreadworkError: _refused,
    HTTPException: _http,
    500: _broken,
}

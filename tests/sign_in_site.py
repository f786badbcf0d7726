"""A site for people only: it wants a name, a password and a click into a drawn circle, and has a private page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.web.server import bound, served

NAME, PASSWORD = "ada@example.test", "correct horse 電池 staple"
CIRCLE = (560, 330)
"""Where the circle is drawn in the window, in CSS pixels."""
FIGURE = "4711"
_FORM = """<!doctype html><title>Sign in</title><style>
body { font: 18px sans-serif; margin: 0; } input, button { font: inherit; padding: 8px; }
form { position: absolute; left: 80px; top: 80px; display: grid; gap: 14px; width: 300px; }
canvas { position: absolute; left: 460px; top: 230px; border: 1px solid #888; }
</style><form method=post action=/in><b>Sign in to the ledger</b><input name=user placeholder=Name>
<input name=password type=password placeholder=Password><input name=human type=hidden><button>Sign in</button></form>
<canvas id=c width=200 height=200></canvas><script>
const pen = c.getContext('2d');
pen.fillText('Click the circle', 10, 20); pen.beginPath(); pen.arc(100, 100, 24, 0, 7); pen.fill();
c.onclick = (e) => {
  if (Math.hypot(e.offsetX - 100, e.offsetY - 100) > 24) return;
  document.forms[0].human.value = 'yes';
  pen.fillText('Thank you', 10, 190);
};
</script>"""
_WINDOW = """<title>Shop</title><style>
button { position: absolute; left: 100px; top: 100px; width: 200px; height: 60px }
</style><p id=p>nobody</p><button onclick="window.open('OTHER/provider')">Sign in with</button>
<script>onmessage = (e) => { p.textContent = 'in as ' + e.data }</script>"""
_QUESTIONS = """<title>Questions</title><style>
button, select, input { position: absolute; left: 100px; top: 100px; width: 200px; height: 40px }
select { top: 200px } input { top: 300px }
</style><label>Country<select onchange="document.title = 'from ' + this.value"><option>Chile<option>Perú<option>日本
</select></label><button onclick="const sure = confirm('Sure?'); document.title = sure && prompt('Code?', '00')">Go
</button><input type=file>"""
_PROVIDER = """<title>Provider</title><style>
button { position: absolute; left: 0; top: 0; width: 300px; height: 300px }
</style><button onclick="opener.postMessage('ada', '*'); window.close()">Allow</button>"""


async def _home(request: Request) -> Response:
    if request.cookies.get("in") != "yes":
        return HTMLResponse(_FORM)
    return HTMLResponse(f"<title>Ledger</title><h1>Private ledger</h1><p>Balance: {FIGURE} EUR</p>")


async def _in(request: Request) -> Response:
    async with request.form() as form:
        fine = (form.get("user"), form.get("password"), form.get("human")) == (NAME, PASSWORD, "yes")
    answer = RedirectResponse("/", status_code=303)
    if fine:
        answer.set_cookie("in", "yes")
    return answer


async def _window(request: Request) -> Response:
    return HTMLResponse(_WINDOW.replace("OTHER", request.query_params["other"]))


async def _questions(request: Request) -> Response:
    return HTMLResponse(_QUESTIONS)


async def _provider(request: Request) -> Response:
    return HTMLResponse(_PROVIDER)


@asynccontextmanager
async def a_site() -> AsyncGenerator[str]:
    """Its address."""
    listening = bound("127.0.0.1", 0)
    routes = [
        Route("/", _home),
        Route("/in", _in, methods=["POST"]),
        Route("/window", _window),
        Route("/questions", _questions),
        Route("/provider", _provider),
    ]
    app = Starlette(routes=routes)
    app.state.streams = _NoStreams()
    async with served(app, listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


class _NoStreams:
    def close(self) -> None:
        """Nothing is open."""

"""Shipped skills that browse: a form is filled in and sent once, prices are looked up. With a real browser."""

import io
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import docx
import pytest

from tests.browser_fixtures import EXECUTABLE, ref_of
from tests.memory_hub import say
from tests.scenarios.skill_stage import OFFICE, follow, told

pytestmark = [*OFFICE, pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium is installed")]

FORM = """<!doctype html><html lang="en"><head><title>Fair 2026: stands</title></head><body><main>
<h1>Register a stand</h1>
<form method="post" action="/register"><p><label>Company <input name="company" required></label>
<p><label>Contact e-mail <input name="mail" type="email" required></label>
<p><label>Size <select name="size"><option>6 m²</option><option>9 m²</option><option>12 m²</option></select></label>
<p><label>Arrival (YYYY-MM-DD) <input name="arrival" required></label>
<p><label><input type="checkbox" name="news" checked> Send me offers of partners</label>
<p><button>Register</button></form></main></body></html>"""
DONE = """<!doctype html><title>Registered</title><main><h1>Thank you</h1>
<p>Your registration number is ST-2026-0417. We confirm your stand by 12 June 2026.</p></main>"""
PRICES = {
    "/northwind": "<title>Northwind prices</title><main><h1>Prices</h1><p>Team: 12 EUR per seat and month, billed "
    "yearly.</p><p>Monthly billing costs 15 EUR per seat.</p></main>",
    "/borealis": "<title>Borealis plans</title><main><h1>Plans</h1><p>Growth is 14 EUR per seat and month, billed "
    "monthly.</p><p>Single sign-on is included.</p></main>",
}


class Site:
    """A site with a form and two price pages. `sent`: what reached the form."""

    def __init__(self) -> None:
        self.sent: list[dict[str, list[str]]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"site": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Answers(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self._answer(PRICES.get(self.path, FORM))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.site.sent.append(parse_qs(body))
        self._answer(DONE)

    def _answer(self, page: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page.encode())))
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


STAND = "Company: Fenwick Tools\nContact: mail@fenwick.example\nStand of 9 square metres, arrival on 3 July 2026\n"
SUBMISSION = """# Registration of the stand

| Field | Sent |
|---|---|
| Company | Fenwick Tools |
| Contact e-mail | mail@fenwick.example |
| Size | 9 m² |
| Arrival | 2026-07-03 |

Reference: ST-2026-0417. The stand is confirmed by 12 June 2026. Offers of partners were switched off.
"""


async def test_a_web_form_is_sent_once_after_approval_and_its_confirmation_is_kept(site: Site) -> None:
    refs: dict[str, str] = {}

    def act(words: str, tool: str, **args: Any) -> Any:
        def then(answer: str) -> Any:
            if words not in refs:
                refs[words] = ref_of(answer, words)
            call: dict[str, object] = {"ref": refs[words], **args}
            return say("", **{tool: call})

        return told(then)

    def opened(answer: str) -> Any:
        for words in ("Company", "Contact e-mail", "Size", "Arrival", "Send me offers", "Register"):
            refs[words] = ref_of(answer, words)
        return say(browser_type={"ref": refs["Company"], "text": "Fenwick Tools"})

    def held(answer: str) -> Any:
        found_id = re.search(r"https?://\S+/register#\w+", answer)
        assert found_id, answer
        return say(browser_send={"message": found_id[0]})

    handed = await follow(
        "web-form-filling", "browser", f"Register our stand at http://{site.host}/form, see stand.txt.",
        [
            say(read_file={"path": "attachments/stand.txt"}),
            say(browser_open={"url": f"http://{site.host}/form"}),
            told(opened),
            act("Contact e-mail", "browser_type", text="mail@fenwick.example"),
            act("Size", "browser_select", options=["9 m²"]),
            act("Arrival", "browser_type", text="2026-07-03"),
            act("Send me offers", "browser_click"),
            say(browser_snapshot={}),
            say(browser_screenshot={"path": "form-before.png"}),
            act("Register", "browser_click"),
            told(held),
            say(browser_screenshot={"path": "confirmation.png"}),
            say(share_finding={"kind": "registration number", "value": "ST-2026-0417",
                               "source_url": f"http://{site.host}/register",
                               "quote": "Your registration number is ST-2026-0417."}),
            say(write_file={"path": "submission.md", "content": SUBMISSION}),
        ],
        attached={"stand.txt": STAND}, near=[site.host],
        hand_in={"form-before.png": "The form as it was sent.", "confirmation.png": "The confirmation.",
                 "submission.md": "What was sent, and the number ST-2026-0417."},
    )  # fmt: skip
    assert site.sent == [
        {"company": ["Fenwick Tools"], "mail": ["mail@fenwick.example"], "size": ["9 m²"], "arrival": ["2026-07-03"]}
    ]
    asked = [row.approval.tool for row in handed.state.approvals.values()]
    assert asked.count("browser_send") == 1
    assert handed.files["confirmation.png"].startswith(b"\x89PNG")


ANSWER: list[dict[str, Any]] = [
    {
        "type": "callout",
        "text": "Borealis is cheaper with monthly billing (14 against 15 EUR); with yearly billing only Northwind "
        "names a price. Established: both from the vendors' own pages.",
        "findings": ["read.2", "read.3"],
    },
    {"type": "heading", "text": "Findings"},
    {
        "type": "table",
        "text": "EUR per seat and month",
        "rows": [
            ["Vendor", "Billed monthly", "Billed yearly"],
            ["Northwind", {"value": 15, "finding": "read.2"}, {"value": 12, "finding": "read.1"}],
            ["Borealis", {"value": 14, "finding": "read.3"}, "not found"],
        ],
    },
    {"type": "heading", "text": "Open questions"},
    {"type": "bullets", "items": ["Borealis: the price with yearly billing isn't on its page of plans; ask sales."]},
    {"type": "heading", "text": "How we looked"},
    {"type": "paragraph", "text": "The vendors' own price pages, both opened on the day of this report."},
]


async def test_research_cites_the_pages_that_were_read_and_says_what_was_not_found(site: Site) -> None:
    north, boreal = (f"http://{site.host}/{name}" for name in ("northwind", "borealis"))

    def share(kind: str, value: int, url: str, quote: str) -> Any:
        return say(share_finding={"kind": kind, "value": value, "source_url": url, "quote": quote})

    handed = await follow(
        "research-with-sources", "document", f"Which is cheaper per seat, {north} or {boreal}?",
        [
            say(read_findings={}),
            say(document_write={"path": "answer.docx", "title": "Northwind or Borealis: price per seat",
                                "blocks": ANSWER}),
            say(look_at={"path": "answer.docx"}),
        ],
        research=[
            say(browser_open={"url": north}),
            say(browser_extract={"what": "article"}),
            share("Northwind: price per seat, yearly", 12, north, "Team: 12 EUR per seat and month, billed yearly."),
            share("Northwind: price per seat, monthly", 15, north, "Monthly billing costs 15 EUR per seat."),
            say(browser_open={"url": boreal}),
            say(browser_extract={"what": "article"}),
            share("Borealis: price per seat, monthly", 14, boreal, "Growth is 14 EUR per seat and month"),
        ],
        near=[site.host], hand_in={"answer.docx": "Borealis is cheaper with monthly billing."},
    )  # fmt: skip
    assert {*handed.deliverables["answer.docx"].findings} == {"read.1", "read.2", "read.3"}
    assert not [f for f in handed.state.findings() if f.source is None or f.source.unchecked]
    table: Any = docx.Document(io.BytesIO(handed.files["answer.docx"])).tables[-1]
    assert [cell.text.strip() for cell in table.rows[2].cells] == ["Borealis", "14", "not found"]

"""The web workspace under attack: every rule about who may come in, by somebody who breaks it."""

import asyncio
import re
from datetime import timedelta

import pytest

from bot.web.auth import cookie_name, hashed
from orchestrator.domain import events as e
from tests.scenarios.report_job import Job
from tests.scenarios.web_workspace import HOST, House, a_task, use

COOKIE = cookie_name(8321)

# --- coming in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/c/general", "/t/x", "/people", "/live", "/t/x/live", "/t/x/f/00/a", "/t/x/parts"]
)
async def test_without_a_login_nothing_is_shown(home: House, path: str) -> None:
    answer = await home.stranger().get(path)
    assert answer.status_code == 401
    assert "sign-in link" in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/c/general/say", "/t/x/say", "/t/x/do", "/people", "/channels", "/leave"])
async def test_without_a_login_nothing_can_be_written(home: House, path: str) -> None:
    answer = await home.stranger().post(path, data={"text": "hi", "id": "command-1"})
    assert answer.status_code == 401


async def test_looking_at_a_login_link_does_not_use_it_up(home: House) -> None:
    link = await home.link()
    for _ in range(3):
        assert (await home.stranger().get(link)).status_code == 200
    assert (await use(home.stranger(), link)).status_code == 303


async def test_a_login_link_lets_in_once(home: House) -> None:
    link = await home.link()
    assert COOKIE in (await use(home.stranger(), link)).cookies
    second = await home.stranger().post(link, data={"session": "0" * 32})
    assert second.status_code == 403 and COOKIE not in second.cookies
    assert "already been used" in (await home.stranger().get(link)).text


async def test_of_two_who_use_a_link_at_the_same_moment_one_gets_in(home: House) -> None:
    link = await home.link()
    sessions = [f"{n:032x}" for n in range(8)]
    answers = await asyncio.gather(*(home.stranger().post(link, data={"session": s}) for s in sessions))
    assert sorted(a.status_code for a in answers) == [303] + [403] * 7


async def test_an_old_login_link_lets_nobody_in(home: House) -> None:
    link = await home.link()
    home.desk.clock.move(timedelta(hours=25).total_seconds())
    assert (await home.stranger().get(link)).status_code == 403
    assert (await home.stranger().post(link, data={"session": "0" * 32})).status_code == 403


async def test_a_guessed_login_link_lets_nobody_in(home: House) -> None:
    await home.link()
    assert (await home.stranger().post("/enter/guessed", data={"session": "0" * 32})).status_code == 403


async def test_the_ledger_never_holds_a_token(home: House) -> None:
    token = (await home.link()).removeprefix("/enter/")
    assert token not in str(await home.desk.room("web"))


async def test_the_cookie_is_for_http_and_this_site_only(home: House) -> None:
    cookie = (await use(home.stranger(), await home.link())).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


async def test_a_made_up_cookie_is_nobody(home: House) -> None:
    visitor = await home.visitor()
    good = visitor.http.cookies[COOKIE]
    for forged in (good[:-1], good.upper(), hashed(good), "0" * 64, "", ".", "é"):
        answer = await home.stranger().get("/c/general", headers={"cookie": f"{COOKIE}={forged}".encode()})
        assert answer.status_code == 401, forged


async def test_a_session_ends_after_its_time(home: House) -> None:
    visitor = await home.visitor()
    home.desk.clock.move(timedelta(days=31).total_seconds())
    assert (await visitor.http.get("/c/general")).status_code == 401


async def test_only_the_owner_invites(home: House) -> None:
    owner, guest = await home.visitor(), await home.visitor("Bob")
    assert (await guest.post("/people", {"name": "Eve"})).status_code == 403
    page = (await owner.post("/people", {"name": "Cleo"})).text
    link = re.search(r'value="http://127\.0\.0\.1:8321(/enter/[\w-]+)"', page)
    assert link and (await use(home.stranger(), link.group(1))).status_code == 303
    assert link.group(1) not in (await owner.http.get("/people")).text


async def test_a_name_that_is_taken_makes_no_second_key_to_the_same_person(home: House) -> None:
    owner = await home.visitor()
    answer = await owner.post("/people", {"name": "ada  lovelace"})
    assert answer.status_code == 422 and "already here" in answer.json()["problem"]


async def test_whoever_left_is_out(home: House) -> None:
    visitor = await home.visitor()
    assert (await visitor.post("/leave", {})).status_code == 200
    assert (await visitor.http.get("/c/general")).status_code == 401


# --- other sites ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "127.0.0.1:9", "", "[::1]"]
)
async def test_a_foreign_host_name_gets_nothing(home: House, host: str) -> None:
    visitor = await home.visitor()
    answer = await visitor.http.get("/c/general", headers={"host": host})
    assert answer.status_code == 403 and "general" not in answer.text


async def test_a_name_without_port_stands_for_every_port(home: House) -> None:
    link = await home.link()
    for host in ("localhost", "localhost:5000"):
        assert (await home.stranger().get(link, headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", f"http://{HOST}.evil.example", "http://127.0.0.1:1"]
)
async def test_a_write_from_another_site_is_refused(home: House, origin: str) -> None:
    visitor = await home.visitor()
    form = {"csrf": visitor.csrf, "id": "command-1", "text": "hi"}
    answer = await visitor.http.post("/c/general/say", data=form, headers={"origin": origin})
    assert answer.status_code == 403
    assert not [r for r in await home.desk.room("web") if isinstance(r.event, e.MessagePosted)]


async def test_a_login_by_another_site_is_refused(home: House) -> None:
    link = await home.link()
    answer = await home.stranger().post(link, data={"session": "0" * 32}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await use(home.stranger(), link)).status_code == 303


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_a_write_without_the_sessions_own_token_is_refused(home: House, token: str | None) -> None:
    visitor = await home.visitor()
    form = {"id": "command-1", "text": "hi"} | ({} if token is None else {"csrf": token})
    assert (await visitor.http.post("/c/general/say", data=form)).status_code == 403


async def test_one_persons_token_is_no_use_to_another(home: House) -> None:
    ada, bob = await home.visitor(), await home.visitor("Bob")
    form = {"csrf": ada.csrf, "id": "command-1", "text": "hi"}
    assert (await bob.http.post("/c/general/say", data=form)).status_code == 403


async def test_no_other_site_may_read_frame_or_sniff(home: House) -> None:
    visitor = await home.visitor()
    for path in ("/c/general", "/nope", "/static/app.js", "/t/none"):
        headers = (await visitor.http.get(path, headers={"origin": "https://evil.example"})).headers
        assert "access-control-allow-origin" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
    refused = await visitor.http.get("/", headers={"host": "evil.example"})
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_a_page_holds_no_inline_script_or_style(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.at_work()
    await job.deliver()
    for path in (f"/t/{task}", "/c/general", "/people", f"/t/{task}/form/edit-plan?ref=1"):
        page = (await visitor.http.get(path)).text
        assert not re.search(r"<script(?! src=\"/static/)", page)
        assert not re.search(r"\s(style|on\w+)=", page) and "<style" not in page
        assert not re.search(r'(src|href)="(https?:)?//(?!northwind|lakeview|harbor|summit|meridian)', page)

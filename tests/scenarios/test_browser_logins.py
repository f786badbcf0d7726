"""Named logins: kept for a team, sealed, and given only to pages that reach nothing else."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from agents.tools.browser import Browser
from orchestrator.domain.tool_calls import CallResult, Label
from orchestrator.errors import ToolFailed
from tests.browser_fixtures import EXECUTABLE, Desk, a_browser
from tests.login_site import PASSWORD, LoginSite
from tests.scenarios.test_browser_recovery import kill_children

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine")

OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from tests.browser_fixtures import Desk, a_browser

async def main(home: str, domain: str, name: str) -> None:
    browser = a_browser(Path(home) / "browser")
    desk = Desk(browser, Path(home) / name, (), task=name)
    for number in range(2):
        result = await desk.do("browser_open", url=f"http://{domain}/note?{name}{number}", login="crm")
        assert f"Noted {name}{number}" in result.text, result.text
    await browser.close()

asyncio.run(main(*sys.argv[1:]))
"""

KILLED = """
import asyncio, sys
from pathlib import Path
from tests.browser_fixtures import Desk, a_browser

async def main(home: str, domain: str) -> None:
    desk = Desk(a_browser(Path(home) / "browser"), Path(home) / "killed", ())
    await desk.do("browser_open", url=f"http://{domain}/note?last", login="crm")
    print("done", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def foreign() -> Iterator[LoginSite]:
    site = LoginSite()
    yield site
    site.close()


@pytest.fixture
def site(foreign: LoginSite) -> Iterator[LoginSite]:
    site = LoginSite(other=foreign.domain)
    yield site
    site.close()


@pytest_asyncio.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    browser = a_browser(tmp_path / "browser")
    yield browser
    await browser.close()


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Desk:
    return Desk(browser, tmp_path / "work", ())


async def sign_in(desk: Desk, site: LoginSite) -> list[CallResult]:
    """Makes the login crm, as an agent does to whom somebody told the password."""
    opened = await desk.do("browser_open", url=site.url("/login"), login="crm")
    typed = await desk.do("browser_type", ref=field(opened.text), text=PASSWORD, submit=True)
    sent = await desk.do("browser_send", send=True, message=typed.held[0].id)
    return [opened, typed, sent, await desk.do("browser_wait", text="Signed in")]


def covered(picture: bytes) -> int:
    """How many points of the picture have the colour of what is hidden."""
    with Image.open(io.BytesIO(picture)) as image:
        points = image.convert("RGB").tobytes()
    return sum(r > 200 and g < 80 and b > 200 for r, g, b in zip(points[::3], points[1::3], points[2::3], strict=True))


def field(text: str) -> str:
    """The ref of the form's one field."""
    line = next(line for line in text.splitlines() if "textbox" in line)
    return line.partition("[")[2].split()[0]


async def home(desk: Desk, site: LoginSite, login: str | None = "crm") -> str:
    """What the site says to the page with that login."""
    await desk.do("browser_open", url=site.url("/home"), login=login)
    return (await desk.do("browser_wait", text="Welcome Ada" if login else "Who are you?")).text


async def test_a_new_login_says_that_it_is_new_and_no_secret_is_shown_or_readable_on_the_disk(
    desk: Desk, site: LoginSite, tmp_path: Path
) -> None:
    results = await sign_in(desk, site)
    results.append(await desk.do("browser_open", url=site.url("/echo"), login="crm"))
    assert "The login 'crm' is new" in results[0].text
    assert "Your session is" in results[-1].text
    await desk.do("browser_screenshot", path="echo.png")
    assert covered((tmp_path / "work" / "echo.png").read_bytes()) > 1000
    assert covered(desk.kept[-1]) > 500
    assert len(site.secrets) == 4
    shown = "\n".join(result.text for result in results)
    files = [file.read_bytes() for file in (tmp_path / "browser").rglob("*") if file.is_file()]
    assert len(files) >= 2
    for secret in site.secrets:
        assert secret not in shown
        assert not any(secret.encode() in content for content in files)
    kept = [file for file in (tmp_path / "browser").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}
    assert all(Label.PRIVATE in result.labels for result in results)


async def test_a_login_serves_a_later_task_and_outlives_the_kill_of_the_browser(desk: Desk, site: LoginSite) -> None:
    await sign_in(desk, site)
    for word in ("headless", "chrom"):
        kill_children(os.getpid(), word)
    assert "Welcome Ada" in await home(desk, site)
    await desk.browser.leave("task")
    desk.task = "another"
    assert "Welcome Ada" in await home(desk, site)


@pytest.mark.slow
async def test_a_page_without_the_login_is_nobody_and_is_told_of_it(desk: Desk, site: LoginSite) -> None:
    await sign_in(desk, site)
    desk.domains = (site.domain,)
    opened = await desk.do("browser_open", url=site.url("/home"))
    assert f"This team's logins for this site: crm ({site.domain})" in opened.text
    assert "Who are you?" in (await desk.do("browser_wait", text="Who are you?")).text
    assert "Welcome Ada" in await home(desk, site)


@pytest.mark.slow
async def test_after_a_killed_host_the_page_and_its_login_are_found_again(
    desk: Desk, site: LoginSite, tmp_path: Path
) -> None:
    host = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path), site.domain,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert host.stdout is not None
    assert await asyncio.wait_for(host.stdout.readline(), 60) == b"done\n"
    host.kill()
    await host.wait()
    assert "Noted last" in await desk.see()
    assert "last=noted" in site.cookies[-1]


@pytest.mark.slow
async def test_another_team_sees_neither_the_login_nor_its_name(desk: Desk, site: LoginSite) -> None:
    await sign_in(desk, site)
    other = Desk(desk.browser, desk.folder, (site.domain,), task="theirs", team="slack:T2")
    opened = await other.do("browser_open", url=site.url("/home"))
    assert "crm" not in opened.text
    assert "Who are you?" in (await other.do("browser_wait", text="Who are you?")).text
    theirs = await other.do("browser_open", url=site.url("/home"), login="crm")
    assert "The login 'crm' is new" in theirs.text
    assert "This team doesn't have any logins yet" in theirs.text
    assert "Who are you?" in (await other.do("browser_wait", text="Who are you?")).text
    nobody = Desk(desk.browser, desk.folder, (site.domain,), task="none", team="")
    with pytest.raises(ToolFailed, match="belong to a team"):
        await nobody.do("browser_open", url=site.url("/home"), login="crm")


async def test_a_page_with_a_login_reaches_no_other_host(desk: Desk, site: LoginSite, foreign: LoginSite) -> None:
    await sign_in(desk, site)
    desk.domains = (site.domain, foreign.domain)  # the run itself may open both
    opened = (await desk.do("browser_open", url=site.url("/leak"), login="crm")).text
    seen = opened + (await desk.do("browser_wait", text="tried everything")).text + await desk.see()
    assert foreign.heard == []
    assert "tried everything" in seen
    assert seen.count(f"{foreign.domain} isn't a host of the login 'crm'.") == 1
    with pytest.raises(ToolFailed, match="can only reach"):
        await desk.do("browser_open", url=foreign.url("/home"), login="crm")
    await the_proxy_itself_refuses(desk, foreign)
    assert foreign.heard == []


async def the_proxy_itself_refuses(desk: Desk, foreign: LoginSite) -> None:
    (session,) = desk.browser._sessions.values()  # pyright: ignore[reportPrivateUsage]
    for request in (
        f"CONNECT {foreign.domain} HTTP/1.1\r\n\r\n",
        f"GET {foreign.url('/x')} HTTP/1.1\r\nHost: {foreign.domain}\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", session.port)
        writer.write(request.encode())
        answer = await reader.read()
        writer.close()
        assert b"403" in answer.splitlines()[0]
        assert b"isn't a host of the login" in answer


@pytest.mark.slow
async def test_the_same_page_reaches_hosts_that_people_added(desk: Desk, site: LoginSite, foreign: LoginSite) -> None:
    opened = await desk.do("browser_open", url=site.url("/leak"), login="crm", login_hosts=[foreign.domain])
    (held,) = opened.held
    assert held.words.endswith("/post")
    await desk.do("browser_send", send=True, message=held.id)
    await desk.do("browser_wait", text="tried everything")
    heard = set(foreign.heard)
    assert {"/img?leak", "/script.js", "/frame", "/post", "/get", "/bounced"} <= heard and "/beacon" not in heard


@pytest.mark.slow
async def test_two_processes_with_one_login_lose_no_cookie_of_each_other(
    desk: Desk, site: LoginSite, tmp_path: Path
) -> None:
    await sign_in(desk, site)
    await desk.browser.close()
    names = ("left", "right")
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", OTHER_PROCESS, str(tmp_path), site.domain, name, cwd=Path(__file__).parents[2]
        )
        for name in names
    ]  # fmt: skip
    assert [await asyncio.wait_for(one.wait(), 60) for one in both] == [0, 0]
    (login,) = desk.browser.logins.every("local")
    kept = {cookie["name"] for cookie in login.storage["cookies"]}
    assert kept == {"session", *(f"{name}{number}" for name in names for number in range(2))}
    desk.browser = a_browser(tmp_path / "browser")
    try:
        assert "Welcome Ada" in await home(desk, site)
    finally:
        await desk.browser.close()


@pytest.mark.slow
async def test_a_page_takes_over_what_another_subtask_renewed(desk: Desk, site: LoginSite) -> None:
    await sign_in(desk, site)
    other = Desk(desk.browser, desk.folder, (), subtask="second")
    assert "Welcome Ada" in await home(other, site)
    await desk.do("browser_open", url=site.url("/note?renewed"), login="crm")
    await other.do("browser_open", url=site.url("/echo"), login="crm")
    assert "renewed=noted" in site.cookies[-1]


@pytest.mark.slow
async def test_a_login_that_cannot_be_read_is_put_aside_and_made_again(
    desk: Desk, site: LoginSite, tmp_path: Path
) -> None:
    await sign_in(desk, site)
    await desk.browser.close()
    desk.browser = a_browser(tmp_path / "browser", key="another key")
    try:
        desk.task = "later"
        with pytest.raises(ToolFailed, match="To create it again"):
            await home(desk, site)
        await sign_in(desk, site)
        assert "Welcome Ada" in await home(desk, site)
    finally:
        await desk.browser.close()
    assert len(list((tmp_path / "browser").rglob("*.unreadable"))) == 1


async def test_a_login_that_was_removed_is_not_written_again(desk: Desk, site: LoginSite) -> None:
    await sign_in(desk, site)
    assert desk.browser.logins.remove("local", "crm")
    with pytest.raises(ToolFailed, match="was removed by its owner"):
        await desk.see()
    assert desk.browser.logins.every() == []

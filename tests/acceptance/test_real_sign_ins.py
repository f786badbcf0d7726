"""Signing in at servers that nobody here wrote: `emulate` from npm plays Google, Microsoft, and GitHub on loopback."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from time import time
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
import pytest
from playwright._impl._driver import compute_driver_executable

from agents.connectors.account import SignInNeeded
from agents.connectors.account_settings import AccountSettings, SignInSettings
from agents.connectors.oauth_requests import GrantRefused, renewed_tokens
from agents.connectors.package_install import install_named
from agents.connectors.parse_server_command import NamedPackage
from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.settings_file import Connector
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, SignInPlace, key_of
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from tests.renewing_hub import HOLD, RenewingHub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ADA = Person(id=PersonId("web:ada"), name="Ada")
PLACE = SignInPlace("http://127.0.0.1:8484/connectors/callback")
EMULATE = NamedPackage("npm", "emulate@0.12.2", "", ())
SERVICES = ("google", "microsoft", "github")


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Generator[Mapping[str, str]]:
    """The services' addresses. It needs a newer Node.js than Debian's, and Playwright brings one."""
    home = tmp_path_factory.mktemp("emulate")
    install_named(EMULATE, home)
    program = next(home.glob("package/node_modules/emulate/dist/index.js"))
    node, _ = compute_driver_executable()
    first = _free_ports(len(SERVICES))
    names = ("--service", ",".join(SERVICES), "--port", str(first))
    log = (home / "log").open("w+")
    process = subprocess.Popen([node, str(program), "start", *names], stdout=log, stderr=subprocess.STDOUT)
    try:
        until = time() + 60
        while "Ready" not in (home / "log").read_text():
            assert process.poll() is None and time() < until, (home / "log").read_text()
        yield {name: f"http://localhost:{first + n}" for n, name in enumerate(SERVICES)}
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _free_ports(many: int) -> int:
    """Returns the first of so many free ports in a row."""
    for first in range(20_000, 30_000, many):
        try:
            for port in range(first, first + many):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


def connector(service: str, url: str) -> Connector:
    """A connector whose people sign in there. Only Google and Microsoft publish their addresses."""
    app = SignInSettings(client_id="threadwork", client_secret="secret", scope="openid email")
    if service == "github":
        where = {"authorize_url": f"{url}/login/oauth/authorize", "token_url": f"{url}/login/oauth/access_token"}
    elif service == "microsoft":
        where = {"issuer": f"{url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}
    else:
        where = {"issuer": url}
    account = AccountSettings(whose="personal", sign_in=app.model_copy(update=where))
    return Connector(name=service, url=f"{url}/mcp", account=account)


def hub(home: Path, *, later: float = 0) -> ConnectorAccounts:
    return ConnectorAccounts(SealedAccounts(home, "k" * 32), now=lambda: time() + later, jitter=lambda: 0)


class _Form(HTMLParser):
    """The first button that signs somebody in."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields, self._over = "", dict[str, str](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        row = dict(attrs)
        if tag == "form" and not self.action:
            self.action = row.get("action") or ""
        elif tag == "input" and not self._over:
            self.fields[row.get("name") or ""] = row.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self._over = self._over or tag == "form"


async def person_agrees(link: str) -> dict[str, str]:
    """Presses the first person's button on the service's page, and returns what it sends back."""
    async with httpx2.AsyncClient() as browser:
        form = _Form()
        form.feed((await browser.get(link)).text)
        answer = await browser.post(urljoin(link, form.action), data=form.fields)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@asynccontextmanager
async def signed_in(service: str, emulated: Mapping[str, str], home: Path) -> AsyncGenerator[Connector]:
    one, accounts = connector(service, emulated[service]), hub(home)
    answer = await person_agrees(await accounts.begin(one, ADA, PLACE))
    await accounts.finish(answer, frozenset({ADA.id}))
    yield one


@pytest.mark.parametrize("service", SERVICES)
async def test_a_person_signs_in_and_a_restarted_hub_has_the_token(
    service: str, emulated: Mapping[str, str], tmp_path: Path
) -> None:
    async with signed_in(service, emulated, tmp_path) as one:
        token = await hub(tmp_path).token(one, ADA.id)
        assert token and token == await hub(tmp_path).token(one, ADA.id)


@pytest.mark.parametrize("service", ["google", "microsoft"])
async def test_an_expired_token_is_renewed_without_asking(
    service: str, emulated: Mapping[str, str], tmp_path: Path
) -> None:
    async with signed_in(service, emulated, tmp_path) as one:
        old = await hub(tmp_path).token(one, ADA.id)
        new = await hub(tmp_path, later=4000).token(one, ADA.id)
        assert new != old
        assert (
            await hub(tmp_path, later=8000).token(one, ADA.id) != new
        )  # Google keeps its refresh token, Microsoft not


async def test_two_hubs_renew_a_rotating_token_once(emulated: Mapping[str, str], tmp_path: Path) -> None:
    async with signed_in("microsoft", emulated, tmp_path) as one:
        old = await hub(tmp_path).token(one, ADA.id)
        hubs = [hub(tmp_path) for _ in range(2)]
        tokens = await asyncio.gather(*(it.token(one, ADA.id, refused_token=old) for it in hubs for _ in range(4)))
        assert len(set(tokens)) == 1 and tokens[0] != old
        assert await hub(tmp_path, later=4000).token(one, ADA.id) not in (old, tokens[0])  # the family still lives


async def test_two_hub_processes_renew_a_rotating_token_once(emulated: Mapping[str, str], tmp_path: Path) -> None:
    async with signed_in("microsoft", emulated, tmp_path) as one:
        before = SealedAccounts(tmp_path, "k" * 32).read(key_of(one, ADA.id))
        hubs = [await asyncio.to_thread(RenewingHub, tmp_path, one, ADA.id) for _ in range(2)]
        try:
            old = await hub(tmp_path).token(one, ADA.id)
            for _ in range(5):
                for it in hubs:
                    it.ask(old)
                tokens = {await it.answer() for it in hubs}
                assert len(tokens) == 1 and old not in tokens
                (old,) = tokens
        finally:
            for it in hubs:
                it.kill()
        assert await hub(tmp_path, later=4000).token(one, ADA.id) != old  # after a restart, the family still lives
        with pytest.raises(GrantRefused):  # it would have ended if a refresh token had been used twice
            await renewed_tokens(before)


async def test_a_hub_that_dies_while_it_renews_keeps_nobody_waiting(
    emulated: Mapping[str, str], tmp_path: Path
) -> None:
    async with signed_in("microsoft", emulated, tmp_path) as one:
        dying, other = [await asyncio.to_thread(RenewingHub, tmp_path, one, ADA.id) for _ in range(2)]
        try:
            old = await hub(tmp_path).token(one, ADA.id)
            dying.ask(HOLD)
            assert await dying.answer() == "held"
            other.ask(old)
            renewed = asyncio.ensure_future(other.answer())
            dying.kill()
            assert await renewed not in ("", old)
        finally:
            for it in (dying, other):
                it.kill()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_revoked_sign_in_needs_the_person_again_and_reconnecting_helps(
    service: str, emulated: Mapping[str, str], tmp_path: Path
) -> None:
    async with signed_in(service, emulated, tmp_path) as one:
        token = await hub(tmp_path).token(one, ADA.id)
        sealed, key = SealedAccounts(tmp_path, "k" * 32), key_of(one, ADA.id)
        account = sealed.read(key)
        if account.tokens and account.tokens.refresh:  # as if the service had forgotten it
            gone = account.tokens.model_copy(update={"refresh": "revoked"})
            sealed.write(key, account.model_copy(update={"tokens": gone}))
        with pytest.raises(SignInNeeded) as needed:
            await hub(tmp_path).token(one, ADA.id, refused_token=token)
        assert needed.value.again
        with pytest.raises(SignInNeeded):
            await hub(tmp_path).token(one, ADA.id)
        async with signed_in(service, emulated, tmp_path):
            assert await hub(tmp_path).token(one, ADA.id) != token


async def test_a_code_with_another_verifier_is_refused(emulated: Mapping[str, str], tmp_path: Path) -> None:
    one, accounts = connector("google", emulated["google"]), hub(tmp_path)
    answer = await person_agrees(await accounts.begin(one, ADA, PLACE))
    sealed, key = SealedAccounts(tmp_path, "k" * 32), key_of(one, ADA.id)
    account = sealed.read(key)
    assert account.started is not None
    other = account.started.model_copy(update={"verifier": "x" * 64})
    sealed.write(key, account.model_copy(update={"started": other}))
    with pytest.raises(Exception, match="didn't accept the sign-in"):
        await accounts.finish(answer, frozenset({ADA.id}))

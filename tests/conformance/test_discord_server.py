"""The strict local Discord: refuses what Discord refuses, and serves an unmodified discord.py."""

import asyncio
from typing import Any

import discord
import httpx
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_server import TOKEN, DiscordServer, ids, serving, texts, until

V2 = 1 << 15


async def asked(server: DiscordServer, method: str, path: str, **how: Any) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.request(method, server.api_url + path, headers={"Authorization": f"Bot {TOKEN}"}, **how)


async def sent(server: DiscordServer, body: dict[str, Any], files: dict[str, bytes] | None = None) -> httpx.Response:
    path = f"/channels/{server.channel['id']}/messages"
    if not files:
        return await asked(server, "POST", path, json=body)
    parts = [(f"files[{n}]", (name, content)) for n, (name, content) in enumerate(files.items())]
    return await asked(server, "POST", path, data={"payload_json": httpx.Response(200, json=body).text}, files=parts)


def text(words: str = "hello") -> dict[str, Any]:
    return {"type": 10, "content": words}


def pressable(n: int) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": f"b{n}"}


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def v2(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components), **more}


REFUSED = {
    "content of 2001 characters": {"content": "x" * 2001},
    "nothing at all": {"content": ""},
    "content beside V2": v2(text(), content="x"),
    "41 components": v2(*[text() for _ in range(41)]),
    "41 components, nested": v2({"type": 17, "components": [text() for _ in range(40)]}),
    "4001 characters in two texts": v2(text("x" * 2000), text("x" * 2001)),
    "V2 components without the flag": {"components": [text()]},
    "six buttons in a row": v2(row(*[pressable(n) for n in range(6)])),
    "a custom id twice": v2(row(pressable(1)), row(pressable(1))),
    "a custom id of 101 characters": v2(row({**pressable(1), "custom_id": "x" * 101})),
    "a label of 81 characters": v2(row({**pressable(1), "label": "x" * 81})),
    "a button without label": v2(row({"type": 2, "style": 1, "custom_id": "x"})),
    "26 options": v2(
        row({"type": 3, "custom_id": "s", "options": [{"label": "x", "value": str(n)} for n in range(26)]})
    ),
    "an option value twice": v2(row({"type": 3, "custom_id": "s", "options": [{"label": "x", "value": "1"}] * 2})),
    "a container in a container": v2({"type": 17, "components": [{"type": 17, "components": [text()]}]}),
    "a file nobody sent": v2({"type": 13, "file": {"url": "attachment://a.txt"}}),
    "a nonce of 26 characters": {"content": "x", "nonce": "n" * 26},
    "an undocumented field": {"content": "x", "colour": "red"},
    "an unknown component": v2({"type": 99}),
    "an empty text": v2(text(" ")),
}


@pytest.fixture
async def server() -> Any:
    async with serving(rates=False) as one:
        yield one


@pytest.mark.parametrize("what", REFUSED)
async def test_what_discord_refuses_is_refused(server: DiscordServer, what: str) -> None:
    answer = await sent(server, REFUSED[what])
    assert (answer.status_code, answer.json()["code"]) in {(400, 50035), (400, 50006)}, answer.text
    assert server.refusals
    assert not server.history(server.channel)


async def test_what_discord_takes_is_taken(server: DiscordServer) -> None:
    body = v2({"type": 17, "id": 77, "components": [text("x" * 4000), row(*[pressable(n) for n in range(5)])]})
    answer = await sent(server, body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["components"][0]["id"] == 77
    assert not server.refusals


async def test_files_are_limited_and_must_be_shown(server: DiscordServer) -> None:
    shown = v2({"type": 13, "file": {"url": "attachment://a.txt"}})
    first = await sent(server, shown, {"a.txt": b"hi"})
    assert first.status_code == 200, first.text
    assert (await sent(server, v2(text()), {"a.txt": b"hi"})).status_code == 400
    assert (await sent(server, shown, {"a.txt": b"x" * (10 * 2**20 + 1)})).json()["code"] == 40005
    async with httpx.AsyncClient() as http:
        kept = server.history(server.channel)[0]["attachments"][0]
        assert (await http.get(kept["url"])).content == b"hi"
        server.expire_links()
        assert (await http.get(kept["url"])).status_code == 404


async def test_a_nonce_returns_the_first_message(server: DiscordServer) -> None:
    first = await sent(server, {"content": "x", "nonce": "a", "enforce_nonce": True})
    again = await sent(server, {"content": "y", "nonce": "a", "enforce_nonce": True})
    assert first.json()["id"] == again.json()["id"]
    assert len(server.history(server.channel)) == 1


async def test_a_message_has_one_thread_and_an_archived_one_takes_no_edits(server: DiscordServer) -> None:
    ada = server.person("Ada")
    message = await server.says(ada, server.channel, "hello")
    path = f"/channels/{server.channel['id']}/messages/{message['id']}/threads"
    assert (await asked(server, "POST", path, json={"name": "x" * 101})).status_code == 400
    thread = (await asked(server, "POST", path, json={"name": "work"})).json()
    assert thread["id"] == message["id"]
    assert (await asked(server, "POST", path, json={"name": "work"})).json()["code"] == 160004
    inside = (await asked(server, "POST", f"/channels/{thread['id']}/messages", json={"content": "x"})).json()
    await asked(server, "PATCH", f"/channels/{thread['id']}", json={"archived": True})
    edit = f"/channels/{thread['id']}/messages/{inside['id']}"
    assert (await asked(server, "PATCH", edit, json={"content": "y"})).json()["code"] == 50083
    await asked(server, "POST", f"/channels/{thread['id']}/messages", json={"content": "z"})
    assert (await asked(server, "PATCH", edit, json={"content": "y"})).status_code == 200


async def test_the_sixth_message_in_five_seconds_is_a_429() -> None:
    async with serving() as server:
        answers = [await sent(server, {"content": "x"}) for _ in range(6)]
        assert [a.status_code for a in answers] == [200] * 5 + [429]
        assert answers[4].headers["X-RateLimit-Remaining"] == "0"
        assert 0 < answers[5].json()["retry_after"] <= 5
        assert answers[5].headers["Via"]
        assert len(server.limited) == 1


async def test_fifty_a_second_in_all() -> None:
    async with serving() as server:
        rows = [server.world.channel(server.guild, f"c{n}") for n in range(60)]
        async with httpx.AsyncClient(headers={"Authorization": f"Bot {TOKEN}"}) as http:
            answers = await asyncio.gather(*(http.get(f"{server.api_url}/channels/{c['id']}") for c in rows))
        refused = [a for a in answers if a.status_code == 429]
        assert len(refused) >= 5
        assert all(a.json()["global"] for a in refused)


async def test_a_wrong_token_and_a_missing_intent_are_refused(server: DiscordServer) -> None:
    point(server)
    client = discord.Client(intents=discord.Intents.none())
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()
    server.gateway.allowed = 0
    client = discord.Client(intents=discord.Intents(guilds=True, message_content=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.start(TOKEN)
    await client.close()


def point(server: DiscordServer) -> None:
    Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)


class Echo(discord.Client):
    """A stranger's bot, written with discord.py's own views."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True, guild_messages=True, message_content=True))
        self.listens = False

    async def on_message(self, message: discord.Message) -> None:
        if self.user not in message.mentions or message.author.bot:
            return
        thread = await message.create_thread(name="work")

        class Ask(discord.ui.Modal, title="Why?"):
            reason = discord.ui.TextInput[Any](label="Reason")

            async def on_submit(self, interaction: discord.Interaction) -> None:
                await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)

        class Press(discord.ui.Button[Any]):
            async def callback(self, interaction: discord.Interaction) -> None:
                await interaction.response.send_modal(Ask())

        view = discord.ui.LayoutView(timeout=None)
        box = discord.ui.Container[Any](discord.ui.TextDisplay("Shall I?"))
        box.add_item(discord.ui.ActionRow(Press(label="Reject", custom_id="reject")))
        view.add_item(box)
        await thread.send(view=view)
        self.listens = True  # only now does discord.py know whose presses these are


async def test_an_unmodified_bot_works_from_mention_to_modal(server: DiscordServer) -> None:
    point(server)
    ada, bot = server.person("Ada"), Echo()
    running = asyncio.create_task(bot.start(TOKEN))
    try:
        await until(bot.is_ready)
        asked_ = await server.says(ada, server.channel, f"{server.mention} a report")
        await until(lambda: bot.listens)
        card = server.ours(asked_["id"])[0]
        assert (texts(card), ids(card)) == ("Shall I?", ["reject"])
        opened = await server.presses(ada, card, "reject")
        assert (await opened.answer())["type"] == 9
        name = opened.modal["components"][0]
        field = (name.get("component") or name["components"][0])["custom_id"]
        if name["type"] == 18:
            done = await server.submits(opened, {field: "it is late"})
            assert await done.words() == "because it is late"
    finally:
        await bot.close()
        await asyncio.gather(running, return_exceptions=True)
    assert not server.refusals


async def test_an_interaction_is_answered_once_and_soon(server: DiscordServer) -> None:
    ada = server.person("Ada")
    made = (await sent(server, v2(row(pressable(1))))).json()
    message = server.world.messages[server.channel["id"]][made["id"]]
    it = await server.presses(ada, message, "b1")
    path = f"/interactions/{it.id}/{it.token}/callback"
    assert (await asked(server, "POST", path, json={"type": 9, "data": {"title": "x"}})).status_code == 400
    assert (await asked(server, "POST", path, json={"type": 6})).status_code == 204
    assert (await asked(server, "POST", path, json={"type": 6})).json()["code"] == 40060
    server.interactions.late = 0.0
    late = await server.presses(ada, message, "b1")
    gone = await asked(server, "POST", f"/interactions/{late.id}/{late.token}/callback", json={"type": 6})
    assert gone.json()["code"] == 10062


async def test_an_operation_discord_does_not_document_is_not_there(server: DiscordServer) -> None:
    assert (await asked(server, "POST", "/channels/1/explode", json={})).status_code == 404

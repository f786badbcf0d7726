"""What a platform writes as an id is shown to models as the name that people see."""

from typing import Any

from tests.world.chats.habits import habit
from tests.world.chats.room import Room

NAMES = "names people see"
PLAIN = "the workspace's messages are plain text, without ids"


def _marked(room: Room) -> str:
    """A sentence with a person, a channel, a group, everybody, a time and a link, as the platform writes them."""
    bob, server = room.it.person("Bob"), room.it.server
    if room.name == "slack":
        prices = server.channel("prices")
        server.world.groups["S0BUYERS"] = "buyers"
        return (
            f"ask <@{bob.id}> in <#{prices.id}|> and <!subteam^S0BUYERS> &amp; <!here> before "
            "<!date^1773306000^{date_num} {time}|12 March 09:00>, or <mailto:a@b.test|write>: "
            "<https://far.test/?a=1&amp;b=2|the list> :tada:"
        )
    role = server.world.role(server.guild, "buyers")
    prices = server.world.channel(server.guild, "prices")
    return (
        f"ask <@{bob.id}> in <#{prices['id']}> and <@&{role['id']}> & @here before <t:1773306000:R>, "
        "or write (a@b.test): the list (https://far.test/?a=1&b=2) <:tada:12345678901234567>"
    )


def _shown(room: Room) -> str:
    when = "12 March 09:00" if room.name == "slack" else "2026-03-12 09:00 UTC"
    return (
        f"ask @Bob in #prices and @buyers & @here before {when}, or write (a@b.test): "
        "the list (https://far.test/?a=1&b=2) :tada:"
    )


@habit(NAMES, web=PLAIN)
async def test_people_channels_groups_times_and_emoji_in_the_request(room: Room) -> None:
    ada = room.it.person("Ada")
    marked = _marked(room)
    await _channels_known(room)
    root = await room.talk.says(ada, marked)
    for read in await room.both(ada, root):
        assert _shown(room) in read.own


@habit(NAMES, web=PLAIN)
async def test_the_same_in_the_thread_and_in_a_follow_up(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    marked = _marked(room)
    await _channels_known(room)
    root = await room.talk.thread(bob, marked)
    await room.talk.says(ada, "do what this says", to=root)
    assert _shown(room) in (await room.planner()).outside
    await room.it.sees(root, "start")
    await room.talk.says(ada, marked, to=root, named=True)
    assert _shown(room) in (await room.planner(2)).own


@habit(NAMES, web=PLAIN)
async def test_what_cannot_be_looked_up_stays_harmless(room: Room) -> None:
    ada = room.it.person("Ada")
    text = "ask <@U0NOBODY> in <#C0NOWHERE> and <!subteam^S0NONE>"
    if room.name == "discord":
        text = "ask <@12345678901234567> in <#12345678901234568> and <@&12345678901234569>"
    root = await room.talk.says(ada, f"{text} soon")
    for read in await room.both(ada, root):
        asked = read.own.partition("ask ")[2].partition(" soon")[0]
        assert "<" not in asked
        assert not any(id_ in asked for id_ in ("U0NOBODY", "C0NOWHERE", "S0NONE", "1234567890"))
        assert "soon" in read.own
    room.it.server.refusals.clear()


@habit(NAMES, web=PLAIN)
async def test_a_private_channels_name_is_told_to_nobody(room: Room) -> None:
    ada = room.it.person("Ada")
    hidden = _closed(room)
    await _channels_known(room)
    root = await room.talk.says(ada, f"look at <#{hidden}>")
    for read in await room.both(ada, root):
        assert "look at #private-channel" in read.own
        assert "layoffs" not in read.text


def _closed(room: Room) -> str:
    server = room.it.server
    if room.name == "slack":
        return str(server.channel("layoffs", kind="private").id)
    return str(server.world.closed_channel(server.guild, "layoffs")["id"])


async def _channels_known(room: Room) -> None:
    """Discord tells of new channels and roles as they come."""
    if room.name == "discord":
        await announce(room.it.server)


async def announce(server: Any) -> None:
    """Tells the bot of every channel and role of the server."""
    for role in server.guild["roles"]:
        await server.gateway.dispatch("GUILD_ROLE_CREATE", {"guild_id": server.guild["id"], "role": role})
    for channel in list(server.world.channels.values()):
        if channel.get("guild_id") and "thread_metadata" not in channel:
            await server.gateway.dispatch("CHANNEL_CREATE", channel)

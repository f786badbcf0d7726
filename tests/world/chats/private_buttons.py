"""Buttons in what only one person sees."""

from typing import Any

from tests.discord_server import ids, texts
from tests.slack_server.acting import elements, words
from tests.world.chats.room import Room


async def presses(room: Room, who: Any, verb: str, number: int = 0, *, of: str = "") -> None:
    """Presses the button of that verb and number among those of the newest private answer that has one. `of`: counts
    only those of that task; not on the web."""
    if of:
        await {"slack": _slack, "discord": _discord}[room.name](room, who, verb, number, of)
    else:
        await {"slack": _slack, "discord": _discord, "web": _web}[room.name](room, who, verb, number)


async def private(room: Room, who: Any, text: str) -> None:
    """Waits until the person alone has been told that."""
    await room.eventually(lambda: text in room.it.private(who))


async def _slack(room: Room, who: Any, verb: str, number: int, of: str = "") -> None:
    server = room.it.server

    def found() -> Any:
        rows = [w for w in server.world.whispers if w["user"] == who.id]
        named = [
            (w, e["action_id"])
            for w in rows
            for e in elements(w)
            if e["action_id"].startswith(f"{verb}:") and of in e["value"]
        ]
        return named[number:] and named[number]

    row, action = await room.eventually(found)
    channel = server.world.channels[row["channel"]]
    await server.presses(who, channel, {**row, "ts": server.world.stamp()}, action)


async def _discord(room: Room, who: Any, verb: str, number: int, of: str = "") -> None:
    server = room.it.server

    def found() -> Any:
        rows = server.ours(server.dm(who))
        named = [(row, name) for row in rows for name in ids(row) if name.startswith(f"{verb}|{of}")]
        return named[number:] and named[number]

    row, name = await room.eventually(found)
    room.it.asides.append((who.id, await server.presses(who, row, name)))


async def _web(room: Room, who: Any, verb: str, number: int) -> None:
    said = next(it for it in reversed(room.it.offered[who]) if any(c["verb"] == verb for c in it["choices"]))
    choice = [c for c in said["choices"] if c["verb"] == verb][number]
    await room.it.does(who, said["go"], {"verb": [verb], "ref": [choice["ref"]], "words": [said["said"]]})


def shown(room: Room, who: Any) -> list[str]:
    """Every private answer that the person got, one by one."""
    match room.name:
        case "slack":
            return [words(w) for w in room.it.server.world.whispers if w["user"] == who.id]
        case "discord":
            return [texts(m) for m in room.it.server.ours(room.it.server.dm(who))]
        case _:
            return [line for line in room.it.told.get(who, []) if line]

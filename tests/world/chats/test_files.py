"""Files as people attach them: one that can't be read or has a strange name never spoils the rest."""

from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent

FILES, NAMES = "files", "names of files"
OWN_FILES = "people choose files from their own machine, which can always be read"
REWRITTEN = "Discord rewrites such names itself"


@habit(FILES)
async def test_two_pictures_of_one_name(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "compare", files=[Sent("image.png", b"one"), Sent("image.png", b"two")])
    for read in await room.both(ada, root):
        assert "image.png" in read.own
        assert "image (2).png" in read.own
    shas = {room.on.host.files[f"attachments/{n}"].sha for n in ("image.png", "image (2).png")}
    assert len(shas) == 2


@habit(FILES)
async def test_a_later_file_of_the_same_name(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "look", files=[Sent("data.csv", b"old")])
    await room.it.sees(root, "start")
    await room.talk.says(ada, "here is the new one", to=root, files=[Sent("data.csv", b"new")])
    read = await room.planner(2)
    assert "data (2).csv" in read.own
    await room.it.presses(ada, root, "start", "2")
    read = await room.agent()
    assert "attachments/data.csv" in read.own
    assert "attachments/data (2).csv" in read.own


@habit(FILES, web=OWN_FILES)
async def test_a_file_that_cannot_be_fetched_beside_one_that_can(room: Room) -> None:
    ada = room.it.person("Ada")
    gone = Sent("plan.gdoc", more={"mode": "external", "is_external": True})
    if room.name == "discord":
        gone = Sent("plan.gdoc", more={"size": 90_000_000})
    root = await room.talk.says(ada, "read both", files=[gone, Sent("rows.csv")])
    for read in await room.both(ada, root):
        assert "attachments/rows.csv" in read.own or "rows.csv" in read.own
        assert "Couldn't be read: " in read.own
        assert "'plan.gdoc'" in read.own
    await room.it.reads(root, "plan.gdoc")


WRONG = {
    "forbidden.csv": "403", "gone.csv": "404", "expired.csv": "410", "page.csv": "page", "far.csv": "elsewhere",
    "lie.csv": "larger",
}  # fmt: skip


@habit(FILES, web=OWN_FILES)
async def test_each_download_that_goes_wrong_is_named_once_and_the_rest_goes_on(room: Room) -> None:
    ada = room.it.person("Ada")
    room.it.server.spoiled |= WRONG
    root = await room.talk.says(ada, "read them", files=[*(Sent(name) for name in WRONG), Sent("rows.csv")])
    for read in await room.both(ada, root):
        assert "rows.csv" in read.own
        problems = [line for line in read.own.splitlines() if line.startswith("Couldn't be read: ")]
        assert [sum(f"'{name}'" in line for line in problems) for name in WRONG] == [1] * len(WRONG)
    assert set(room.on.host.files) == {"attachments/rows.csv"}
    await room.it.reads(root, "lie.csv")
    assert [room.it.thread(root).count(name) for name in WRONG] == [1] * len(WRONG)
    tries = [room.it.server.fetched.count(name) for name in WRONG]
    assert max(tries) <= (2 if room.name == "discord" else 1), "once more only with a fresh link"


@habit(FILES)
async def test_thirty_files_in_one_message(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "join these", files=[Sent(f"part{n}.csv", bytes([n])) for n in range(30)])
    for read in await room.both(ada, root):
        assert all(f"part{n}.csv" in read.own for n in range(30))


@habit(FILES)
async def test_files_beyond_thirty_are_named_and_the_first_thirty_go_on(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "join these", files=[Sent(f"part{n}.csv", bytes([n])) for n in range(32)])
    for read in await room.both(ada, root):
        assert all(f"part{n}.csv" in read.own for n in range(30))
        assert "Couldn't be read: 'part30.csv', 'part31.csv' left out: at most 30 files fit" in read.own
    await room.it.reads(root, "part31.csv")


@habit(NAMES, discord=REWRITTEN)
async def test_names_that_differ_only_by_case_or_accent_and_strange_names(room: Room) -> None:
    ada = room.it.person("Ada")
    names = ["Caf\u00e9.txt", "cafe\u0301.TXT", "\U0001f680 'plan'.txt", "CON.txt", f"{'long' * 80}.txt", "a\x07b.txt"]
    root = await room.talk.says(ada, "list", files=[Sent(n, n.encode()) for n in names])
    for read in await room.both(ada, root):
        assert "Caf\u00e9.txt" in read.own
        assert "caf\u00e9 (2).TXT" in read.own
        assert "\U0001f680 'plan'.txt" in read.own
    paths = [path.removeprefix("attachments/") for path in room.on.host.files]
    assert len({path.casefold() for path in paths}) == len(names)
    assert all(len(path.encode()) <= 200 and path.isprintable() for path in paths)

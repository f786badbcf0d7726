"""Which ways an unprivileged user needs, and where they are closed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.host.path_access import PathAccess, User, blocked_at, open_ways, steps
from tests.host_fixtures import open_folder

USER = User(60_922, 60_922)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def made(place: Path, mode: int = 0o755) -> Path:
    place.mkdir(parents=True)
    place.chmod(mode)
    return place


def test_every_link_in_the_middle_of_a_path_is_followed(folder: Path) -> None:
    made(folder / "real/bin")
    (folder / "versions").symlink_to("real")
    (folder / "real/bin/python").touch()
    (folder / "python").symlink_to(folder / "versions/bin/python")
    passed = list(steps(folder / "python"))
    assert {folder / "python", folder / "versions", folder / "real", folder / "real/bin"} < set(passed)
    assert passed[-1] == folder / "real/bin/python"


def test_links_that_lead_in_a_circle_come_to_an_end(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    assert len(list(steps(folder / "a"))) < 100


def test_nothing_is_opened_where_everything_is_open(folder: Path) -> None:
    tree = made(folder / "tree")
    assert open_ways([tree], [tree], USER) == PathAccess()


def test_a_closed_folder_is_opened_at_its_top_for_its_trees_and_links_alone(folder: Path) -> None:
    closed = made(folder / "closed", 0o700)
    tree = made(closed / "python/3.12")
    made(tree / "bin")
    (closed / "python/3").symlink_to("3.12")
    (folder / "start").symlink_to(closed / "python/3/bin")
    ways = open_ways([tree, tree / "bin", made(folder / "open")], [folder / "start"], USER)
    assert ways == PathAccess((str(closed),), (str(tree),), ((str(closed / "python/3"), "3.12"),))


def test_a_tree_that_is_closed_itself_cannot_be_opened(folder: Path) -> None:
    tree = made(made(folder / "closed", 0o700) / "tree", 0o700)
    ways = open_ways([tree], [], USER)
    assert blocked_at(tree, USER, but=ways.closed) == tree


def test_ones_own_folders_are_open(folder: Path) -> None:
    mine = made(folder / "mine", 0o700)
    assert blocked_at(mine, User(os.geteuid(), os.getegid())) is None

"""What other programs start servers with: packages are installed once by their hashes, the rest is one sentence."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.connectors import npm_packages
from agents.connectors.catalogue import catalogue, lock_of
from agents.connectors.command_paths_in_sandbox import moved, unseen
from agents.connectors.literal_secrets import with_sealed
from agents.connectors.non_web_port_forwarding import addresses
from agents.connectors.package_install import install, uninstall
from agents.connectors.package_lock import Package
from agents.connectors.parse_server_command import CannotRun, HostedServer, NamedPackage, understood
from agents.connectors.settings_file import read
from bot.bootstrap import add_connector
from bot.platforms import load
from orchestrator.errors import Refused


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("npx -y @x/server-memory", NamedPackage("npm", "@x/server-memory", "", ())),
        ("npx @x/server@1.2.3 /folders/a --flag", NamedPackage("npm", "@x/server@1.2.3", "", ("/folders/a", "--flag"))),
        ("npx -p @x/tools@^2 serve -p 3", NamedPackage("npm", "@x/tools@^2", "serve", ("-p", "3"))),
        ("npx --package=@x/tools -- serve", NamedPackage("npm", "@x/tools", "serve", ())),
        ("/usr/local/bin/npx --yes tools@latest", NamedPackage("npm", "tools@latest", "", ())),
        ("cmd /c npx -y tools", NamedPackage("npm", "tools", "", ())),
        (r"C:\node\npx.cmd -y tools", NamedPackage("npm", "tools", "", ())),
        ("bunx tools", NamedPackage("npm", "tools", "", ())),
        ("pnpm dlx tools", NamedPackage("npm", "tools", "", ())),
        ("uvx mcp-server-time --zone UTC", NamedPackage("pypi", "mcp-server-time", "", ("--zone", "UTC"))),
        ("uvx mcp-server-time@latest", NamedPackage("pypi", "mcp-server-time", "", ())),
        ("uvx mcp-server-time@2026.1", NamedPackage("pypi", "mcp-server-time==2026.1", "", ())),
        ("uvx --python 3.12 --from tools[all]==1 serve", NamedPackage("pypi", "tools[all]==1", "serve", ())),
        ("uvx --with more tools", NamedPackage("pypi", "tools", "", (), ("more",))),
        ("uv tool run tools", NamedPackage("pypi", "tools", "", ())),
        ("pipx run --spec tools serve", NamedPackage("pypi", "tools", "serve", ())),
        ("python3 -m boxes", None),
        ("node /folders/code/index.js", None),
    ],
)  # fmt: skip
def test_a_command_that_downloads_names_a_package(command: str, wanted: NamedPackage | None) -> None:
    program, *args = command.split()
    assert understood(program, args) == wanted


def test_a_bridge_to_a_hosted_server_becomes_that_server() -> None:
    args = ["-y", "mcp-remote@latest", "https://x.example.com/mcp", "--header", "Authorization:${AUTH}"]
    found = understood("npx", args, {"AUTH": "Bearer me"})
    assert found == HostedServer("https://x.example.com/mcp", {"Authorization": "Bearer me"})


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("docker run -i --rm ghcr.io/x/server", "the sandbox can't run containers.*npm or PyPI.*--url"),
        ("npx -y github:x/server", "isn't a package of npm.*can't be pinned. Name a package"),
        ("npx -y https://x.example.com/a.tgz", "isn't a package of npm"),
        ("npx -y ./server", "isn't a package of npm"),
        ("npx --registry=https://evil.test x", "'--registry' of 'npx' isn't supported"),
        ("npx", "'npx' names no package"),
        ("uvx --from git+https://x.example.com/a serve", "isn't a package of PyPI"),
        ("uvx --index-url https://evil.test x", "'--index-url' of 'uvx' isn't supported"),
        ("uv run server.py", "'uv run' needs a project.*--folder code=PATH"),
        ("uv --directory /home/ada/x run server", "'uv run' needs a project"),
        ("npx mcp-remote https://x.example.com/sse", "uses the old \"sse\" transport"),
        ("npx mcp-remote", "names no address"),
        ("bash -c npx", "it starts a package through 'bash'. Use the npx or uvx command itself"),
    ],
)  # fmt: skip
def test_what_cannot_work_in_the_sandbox_is_one_sentence_with_the_next_step(command: str, said: str) -> None:
    program, *args = command.split()
    with pytest.raises(CannotRun, match=said):
        understood(program, args)


def test_a_row_that_would_download_at_each_start_is_left_out() -> None:
    found = read('{"a": {"command": "npx", "args": ["-y", "x"]}, "b": {"command": "docker"}, "c": {"command": "x"}}')
    assert [one.name for one in found.connectors] == ["c"]
    assert "`threadwork connectors add a --from FILE` installs the package once" in found.mistakes[0]


def test_secrets_in_arguments_and_addresses_are_sealed_too() -> None:
    row: dict[str, Any] = {
        "command": "x",
        "args": ["--api-key", "k1", "--token=t1", "--access-token", "k1", "postgres://u:p@h/d", "--key"],
        "url": "https://x.example.com/mcp?apiKey=u1&page=2", "env": {"TOKEN": "${TOKEN}"},
    }  # fmt: skip
    kept, secrets = with_sealed(row)
    assert kept["args"] == [
        "--api-key", "${API_KEY}", "--token=${TOKEN}", "--access-token", "${ACCESS_TOKEN}", "${ADDRESS}", "--key",
    ]  # fmt: skip
    assert kept["url"] == "https://x.example.com/mcp?apiKey=${APIKEY}&page=2"
    assert secrets == {
        "API_KEY": "k1", "TOKEN": "t1", "ACCESS_TOKEN": "k1", "ADDRESS": "postgres://u:p@h/d", "APIKEY": "u1",
    }  # fmt: skip


def test_paths_are_renamed_as_they_are_inside_and_others_are_named() -> None:
    words = ["/home/ada/x/run", "--dir=/home/ada/x", "/home/ada/xy", "/api/v1"]
    assert moved(words, {"code": "/home/ada/x"}) == [
        "/folders/code/run",
        "--dir=/folders/code",
        "/home/ada/xy",
        "/api/v1",
    ]
    assert (
        unseen(["/usr/bin/node", "/folders/a", "/api/v1", "/home/ada/xy"], lambda path: "ada" in path) == "/home/ada/xy"
    )
    assert unseen(["--dir=/home/ada"], lambda path: True) == "/home/ada"


def test_only_named_ports_get_an_address_of_their_own() -> None:
    granted = ["a.test", "b.test:443", "*.c.test:5432", "d.test:5432", "d.test:6379", "localhost:1", "e.test:25"]
    assert addresses(granted) == {"d.test": "127.0.1.1", "localhost": "127.0.0.1", "e.test": "127.0.1.3"}


def npm_lock(**row: object) -> bytes:
    packages = {"": {"dependencies": {"a": "1"}}, "node_modules/a": {"version": "1", "integrity": "sha512-x"}, **row}
    return json.dumps({"packages": packages}).encode()


@pytest.mark.parametrize(
    "row",
    [{"version": "1"}, {"integrity": "sha512-x", "resolved": "git+ssh://x"}, {"link": True, "integrity": "sha512-x"}],
)
def test_a_package_that_needs_something_from_outside_the_registry_is_refused(row: object) -> None:
    assert npm_packages.locked("a", npm_lock()) == ["node_modules/a"]
    with pytest.raises(Refused, match="'a' needs 'b' from outside the registry, so it can't be pinned"):
        npm_packages.locked("a", npm_lock(**{"node_modules/a/node_modules/b": row}))


def test_a_lock_that_was_changed_is_not_installed(tmp_path: Path) -> None:
    package = Package(kind="npm", name="a", version="1", sha=hashlib.sha256(npm_lock()).hexdigest())
    with pytest.raises(Refused, match="doesn't match the catalog's hash"):
        install(package, npm_lock() + b" ", tmp_path)
    assert list(tmp_path.iterdir()) == []
    uninstall(tmp_path)


def test_every_package_of_the_catalogue_is_locked_by_hash_and_names_no_registry() -> None:
    rows = {name: row.package for name, row in catalogue().items() if row.package}
    assert len(rows) >= 8
    for name, package in rows.items():
        lock = lock_of(name, package).decode()
        assert hashlib.sha256(lock.encode()).hexdigest() == package.sha
        assert "://" not in lock and package.version in lock
        if package.kind == "npm":
            assert npm_packages.locked(package.name, lock.encode())
        else:
            blocks: Sequence[str] = re.split(r"(?m)^(?=\S)", lock)[1:]
            assert all("--hash=sha256:" in block for block in blocks)


def added(tmp_path: Path, row: dict[str, Any]) -> None:
    add_connector.keep(load(environment={}, home=tmp_path / "home"), "boxes", row, {})


def test_what_cannot_be_added_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    for row, said in (
        ({"command": "docker", "args": ["run", "x"]}, "The connector 'boxes' can't be added: the sandbox can't run"),
        ({"command": "npx", "args": ["-y", "./x"]}, "isn't a package of npm"),
        (
            {"command": "node", "args": [str(Path.home())]},
            "the sandbox doesn't show '.*'. To show it read-only",
        ),
    ):
        with pytest.raises(Refused, match=said):
            added(tmp_path, row)
    assert not (tmp_path / "home").exists()

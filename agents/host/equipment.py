"""Collects this host's tools once, at its start."""

import asyncio
import importlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple, cast

from agents.host import ceiling
from agents.host.config import HostConfig
from agents.host.worker import Toolbox, Toolset
from agents.sandbox import granted_folders
from agents.sandbox.background import Background
from agents.sandbox.call_grants import Workshop
from agents.sandbox.mounts import CHARTS
from agents.sandbox.no_sandbox import NoSandbox
from agents.sandbox.probe import open_sandbox
from agents.tool import Tool
from orchestrator.errors import HostFailed

OWN = {
    "files": "agents.tools.files.tools",
    "shell": "agents.tools.shell.tools",
    "office": "agents.tools.office",
    "slides": "agents.tools.slides",
    "charts": "agents.tools.charts",
    "chart style": "agents.tools.charts.style",
    "reading": "agents.tools.reading",
    "vision": "agents.tools.vision",
    "pdf": "agents.tools.pdf",
    "data": "agents.tools.data",
    "git": "agents.tools.git",
    "browser": "agents.tools.browser",
}
"""Our tools. Loaded by name, in a thread, and only where they can work: their libraries are heavy."""


def _own(name: str) -> Any:
    return resolve_name(OWN[name])


class Equipment(NamedTuple):
    """The tools, and sentences for the owner about what is missing."""

    toolbox: Toolbox
    notices: tuple[str, ...]


class _Loaded(NamedTuple):
    """Returns the tools that need heavy libraries, but no sandbox."""

    files: Toolset
    office: Toolset
    browser: Sequence[Toolset]
    known: dict[str, bytes]


async def equip(config: HostConfig) -> Equipment:
    """Collects the tools. Without a working sandbox, none that execute code; as root, no browser either.

    Tries the sandbox while the libraries are imported; makes the executing tools once it holds.
    """
    home = Path(config.home)
    loading = asyncio.create_task(asyncio.to_thread(_load, config, home))
    try:
        sandbox = NoSandbox(config.as_root) if config.as_root else await open_sandbox(home, config.limits)
        shown = await asyncio.to_thread(granted_folders.look, config.folders, home)
    finally:
        await asyncio.wait({loading})  # an import cannot be cut off, so nothing of it is left behind
    loaded = loading.result()
    sets = [loaded.files, loaded.office, *loaded.browser]
    if not sandbox.refused:
        workshop = Workshop(sandbox, shown.shown, config.near, config.limits.upload, loaded.known)
        sets[1], further = await asyncio.to_thread(_executing, loaded.office, workshop)
        sets += further
    sets += [_further(name) for name in config.toolsets]
    notices = (sandbox.refused, *shown.notices) if sandbox.refused else shown.notices
    return Equipment(Toolbox(sets), notices)


def _load(config: HostConfig, home: Path) -> _Loaded:
    may_browse = os.geteuid() != 0 and not config.as_root
    files = Toolset(tuple(_own("files").TOOLS))
    return _Loaded(files, _office(config), [_browser(config, home / "browser")] if may_browse else [], _known())


def _executing(office: Toolset, workshop: Workshop) -> tuple[Toolset, list[Toolset]]:
    git = _own("git")
    patched = replace(office, tools=git.with_patches(office.tools, workshop))
    return patched, [_shell(workshop), Toolset((*_own("data").tools(workshop), *git.tools(workshop)))]


def _shell(workshop: Workshop) -> Toolset:
    commands = Background()
    return Toolset(tuple(_own("shell").tools(workshop, commands)), leave=commands.leave, close=commands.close)


def _office(config: HostConfig) -> Toolset:
    packages = [_own(name) for name in ("office", "slides", "charts", "reading", "vision")]
    office, slides, *_ = packages
    tools = [tool for package in packages for tool in package.TOOLS]
    inspection = office.inspecting({".pptx": slides.LOOK})
    return Toolset((*tools, *_own("pdf").tools(config.browser), inspection), close=office.close)


def _known() -> dict[str, bytes]:
    """Returns the font list of this machine, so that not every chart command has to look it up."""
    return {f"{CHARTS}/{name}": content for name, content in _own("chart style").font_list().items()}


def _browser(config: HostConfig, home: Path) -> Toolset:
    browser = _own("browser")
    home.mkdir(exist_ok=True)
    one = browser.Browser(
        config.browser,
        home,
        as_root=False,
        patience=config.page_seconds,
        near=config.near,
        key=config.login_key or secrets.token_hex(32),
        permits=partial(ceiling.opens, ceiling=config.ceiling),
    )
    pages = browser.Takeover(one)
    return Toolset(tuple(browser.tools(one)), leave=pages.leave, close=pages.close, pages=pages)


def _further(name: str) -> Toolset:
    module, _, attribute = name.partition(":")
    try:
        tools: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise HostFailed(f"The toolset {name!r} can't be loaded: {error}. Write it as 'module:NAME'.") from error
    if isinstance(tools, Toolset):
        return tools
    if not isinstance(tools, list | tuple):
        raise HostFailed(f"The toolset {name!r} isn't a list of tools.")
    rows = cast("list[object]", tools)
    return Toolset(tuple(tool for tool in rows if isinstance(tool, Tool)))

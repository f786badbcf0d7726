"""Collects this host's tools once, at its start."""

import asyncio
import importlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

from agents.host import ceiling
from agents.host.config import HostConfig
from agents.host.toolbox import Toolbox, Toolset
from agents.sandbox import granted_folders
from agents.sandbox.background import Background
from agents.sandbox.call_grants import Workshop
from agents.sandbox.mounts import CHARTS
from agents.sandbox.no_sandbox import NoSandbox
from agents.sandbox.probe import open_sandbox
from agents.tool import Tool
from agents.tools.files import tools as files
from agents.tools.shell import tools as shell
from orchestrator.errors import HostFailed


class Equipment(NamedTuple):
    """The tools, and sentences for the owner about what is missing."""

    toolbox: Toolbox
    notices: tuple[str, ...]


class _Loaded(NamedTuple):
    """Returns the tools that need heavy libraries, but no sandbox."""

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
    sets = [Toolset(tuple(files.TOOLS)), loaded.office, *loaded.browser]
    if not sandbox.refused:
        workshop = Workshop(sandbox, shown.shown, config.near, config.limits.upload, loaded.known)
        sets[1], further = await asyncio.to_thread(_executing, loaded.office, workshop)
        sets += further
    sets += [_further(name) for name in config.toolsets]
    notices = (sandbox.refused, *shown.notices) if sandbox.refused else shown.notices
    return Equipment(Toolbox(sets), notices)


def _load(config: HostConfig, home: Path) -> _Loaded:
    may_browse = os.geteuid() != 0 and not config.as_root
    return _Loaded(_office(config), [_browser(config, home / "browser")] if may_browse else [], _known())


def _executing(office: Toolset, workshop: Workshop) -> tuple[Toolset, list[Toolset]]:
    from agents.tools import data, git  # heavy libraries, loaded with the office's

    patched = replace(office, tools=git.with_patches(office.tools, workshop))
    return patched, [_shell(workshop), Toolset((*data.tools(workshop), *git.tools(workshop)))]


def _shell(workshop: Workshop) -> Toolset:
    commands = Background()
    return Toolset(tuple(shell.tools(workshop, commands)), leave=commands.leave, close=commands.close)


def _office(config: HostConfig) -> Toolset:
    from agents.tools import (
        charts,
        office,
        pdf,
        reading,
        slides,
        vision,
    )  # heavy libraries: loaded in a thread, and only by a host

    inspection = office.inspecting({".pptx": slides.LOOK})
    tools = (
        *office.TOOLS,
        *slides.TOOLS,
        *charts.TOOLS,
        *reading.TOOLS,
        *vision.TOOLS,
        *pdf.tools(config.browser),
    )
    return Toolset((*tools, inspection), close=office.close)


def _known() -> dict[str, bytes]:
    """Returns the font list of this machine, so that not every chart command has to look it up."""
    from agents.tools.charts import style  # a heavy library, loaded with the office's

    return {f"{CHARTS}/{name}": content for name, content in style.font_list().items()}


def _browser(config: HostConfig, home: Path) -> Toolset:
    from agents.tools import browser  # heavy libraries: loaded in a thread, and only by a host that may have it

    home.mkdir(exist_ok=True)
    one = browser.Browser(
        config.browser,
        home,
        as_root=False,
        near=config.near,
        key=config.login_key,
        permits=lambda domain: ceiling.opens(domain, config.ceiling),
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

"""`threadwork tool`: one tool on a copy of a folder, and what an agent would read of it."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from bot.bootstrap.run_single_tools import OpenTools, ToolRun, open_tools
from bot.config.settings import Settings
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused


async def tool(
    settings: Settings, name: str | None, *, args: str, folder: Path | None, out: Path | None, as_json: bool
) -> int:
    """Returns 0 if the tool did its work, 1 if it failed. Without a name, lists the tools. Raises Refused."""
    given = _arguments(await asyncio.to_thread(sys.stdin.read) if args == "-" else args)
    async with open_tools(settings) as tools:
        if name is None:
            _list(tools)
            return 0
        run = await tools.run(name, given, folder)
        if as_json:
            click.echo(json.dumps(_report(run), ensure_ascii=False, indent=2))
        else:
            await asyncio.to_thread(_print, run, given)
        if out:
            await asyncio.to_thread(_save, run, out)
    return int(not run.result.ok)


def _arguments(text: str) -> dict[str, Any]:
    try:
        given = clean_outside_text.parsed(text)
    except clean_outside_text.Unfit as error:
        raise click.UsageError(f"--args isn't JSON: {error}.") from error
    if not isinstance(given, dict):
        raise click.UsageError('--args must be a JSON object, e.g. \'{"path": "report.docx"}\'.')
    return given


def _list(tools: OpenTools) -> None:
    for name, spec in sorted(tools.specs.items()):
        click.echo(f"{name}: {spec.description.splitlines()[0]}")


def _print(run: ToolRun, given: dict[str, Any]) -> None:
    if run.args != given:
        click.secho(
            f"Arguments, adjusted to the tool's schema: {json.dumps(run.args, ensure_ascii=False)}", dim=True, err=True
        )
    click.echo(run.result.text)
    for file in run.files:
        size = "" if file.change == "deleted" else f", {file.at.stat().st_size:,} bytes"
        click.secho(f"{file.change}: {file.path}{size}", bold=True)
    for picture, _ in run.pictures:
        click.secho(f"shown: {picture.name}, {picture.size:,} bytes", bold=True)


def _report(run: ToolRun) -> dict[str, Any]:
    return {
        "ok": run.result.ok,
        "args": run.args,
        "text": run.result.text,
        "files": [{"path": file.path, "change": file.change} for file in run.files],
        "pictures": [picture.name for picture, _ in run.pictures],
        "labels": sorted(run.result.labels),
    }


def _save(run: ToolRun, out: Path) -> None:
    sources = [(file.path, file.at) for file in run.files if file.change != "deleted"]
    try:
        for name, at in (*sources, *((picture.name, at) for picture, at in run.pictures)):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(at, out / name)
    except OSError as error:
        raise Refused(f"The files can't be saved in {str(out)!r} ({error.strerror}). Choose another folder.") from error

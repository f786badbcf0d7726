"""Gets skills from a git repository. Nothing of it is checked out, so no hook, filter, or submodule of it ever runs."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from subprocess import DEVNULL, PIPE

from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_port
from agents.process_group import kill_group, started
from agents.skills.install_source import DownloadedFile, InstallSource, granted
from agents.skills.read_attached_skills import skill_folders_of
from agents.skills.read_folder import MOST_BYTES, SHEET, sheet_among
from agents.skills.skill import BadSkill
from agents.skills.unpack_tar import tar_files, tar_names
from agents.skills.zip_skill import archived
from orchestrator.errors import Refused

_SECONDS = 120.0
_MOST_BLOCKS = 400_000
"""Of one file that git writes, 512 or 1,024 bytes each."""
_LIMITED = f'ulimit -f {_MOST_BLOCKS}; exec "$0" "$@"'
_SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "credential.helper=",
    "protocol.allow=never", "transfer.fsckObjects=true", "submodule.recurse=false", "gc.auto=0",
)  # fmt: skip
_MOST_NAMED = 40


async def cloned(source: InstallSource, near: Sequence[str], wanted: str) -> DownloadedFile:
    """Returns the skill in that folder of the repository, or the one named `wanted` below it, as a zip archive.

    `near`: private hosts that may be reached. Raises Refused with one sentence.
    """
    if shutil.which("git") is None:
        raise Refused("The program 'git' is missing on this machine. Install it, or give the address of a zip file.")
    place = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="skill-"))
    try:
        packed = await _packed(source, near, place)
        return await asyncio.to_thread(_chosen, packed, source, wanted)
    except BadSkill as problem:
        raise Refused(f"The skill can't be used: {problem}.") from problem
    finally:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


async def _packed(source: InstallSource, near: Sequence[str], place: Path) -> Path:
    """Returns a tar archive of the repository's newest state."""
    proxy = Proxy(granted(source.url, near), whose="the installation of a skill")
    bare, packed = place / "repository", place / "tree.tar"
    scheme = source.url.partition(":")[0]
    try:
        async with asyncio.timeout(_SECONDS), at_port(proxy) as port:
            config = (*_SAFE, f"protocol.{scheme}.allow=always", f"http.proxy=http://127.0.0.1:{port}")
            branch = ("--branch", source.ref) if source.ref else ()
            flags = ("--bare", "--depth=1", "--single-branch", "--no-tags", "--quiet", *branch)
            await _git(place, config, "clone", *flags, "--", source.url, str(bare))
            await _git(place, config, f"--git-dir={bare}", "archive", "--format=tar", f"--output={packed}", "HEAD")
    except TimeoutError as late:
        raise Refused(f"Getting {source.url!r} took more than {_SECONDS:g} s. Try again later.") from late
    except _GitFailed as problem:
        why = proxy.refusals[-1] if proxy.refusals else f"{problem}."
        raise Refused(f"The repository {source.url!r} can't be read: {why}") from problem
    return packed


class _GitFailed(Exception):
    """What git said last."""


async def _git(place: Path, config: Sequence[str], *arguments: str) -> None:
    settings = [part for one in config for part in ("-c", one)]
    environment = {
        "PATH": os.defpath, "HOME": str(place), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C",
    }  # fmt: skip
    process = await started(
        asyncio.create_subprocess_exec(
            "/bin/sh", "-c", _LIMITED, "git", *settings, *arguments, env=environment, cwd=place, stdin=DEVNULL,
            stdout=DEVNULL, stderr=PIPE, start_new_session=True,
        )
    )  # fmt: skip
    try:
        _, said = await process.communicate()
    finally:
        kill_group(process)
    if process.returncode:
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        raise _GitFailed((lines[-1] if lines else f"git ended with {process.returncode}").removesuffix(".")[:300])


def _chosen(packed: Path, source: InstallSource, wanted: str) -> DownloadedFile:
    """Raises Refused, BadSkill. Blocks."""
    with packed.open("rb") as stream:
        below = f"{source.folder}/" if source.folder else ""
        sheets = [
            n for n in tar_names(stream) if n.startswith(below) and PurePosixPath(n).name.lower() == SHEET.lower()
        ]
        repository = PurePosixPath(source.url).name.removesuffix(".git")
        folders = {f: PurePosixPath(f).name or repository for f in skill_folders_of(sheets)}
        named = [folder for folder, name in folders.items() if not wanted or name == wanted]
        if len(named) != 1:
            raise Refused(_which(source, list(folders.values()), wanted))
        (folder,) = named
        start = f"{folder}/" if folder else ""
        files = tar_files(stream, MOST_BYTES, lambda path: path.startswith(start))
    held = {path.removeprefix(start): content for path, content in files.items()}
    assert sheet_among(held), "a folder was chosen by its SKILL.md"
    return DownloadedFile(f"{folders[folder]}.zip", archived(folders[folder], held))


def _which(source: InstallSource, names: Sequence[str], wanted: str) -> str:
    where = f"The folder {source.folder!r} of {source.url!r}" if source.folder else f"The repository {source.url!r}"
    if not names:
        return f"{where} has no SKILL.md, so there's no skill to install."
    shown = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    if wanted:
        return f"{where} has no single skill named {wanted!r}; it has: {shown}."
    return f"{where} has {len(names)} skills. Say which one to install: {shown}."

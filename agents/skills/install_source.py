"""Reads where to install a skill from: a file, a site's list of skills, or a folder of a git repository. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from agents.egress.allowed_targets import Grant, Target, target
from orchestrator.errors import Refused

INDEX = "/.well-known/agent-skills/index.json"
ARCHIVES = (".zip", ".skill", ".tar.gz", ".tgz")
_TREE = re.compile(r"(?P<repo>/.+?)(?:\.git)?(?:/-)?/(?:tree|blob)/(?P<ref>[^/]+)(?:/(?P<folder>.*))?")
_FORGES = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
_INVALID = "{!r} isn't a valid address. Check it for typing errors."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,200}")


@dataclass(frozen=True)
class InstallSource:
    """`url`: of the file, the list, or the repository. `ref`: a branch or tag; `folder`: the one to look into; both
    empty for the usual one."""

    kind: Literal["file", "index", "git"]
    url: str
    ref: str = ""
    folder: str = ""

    @property
    def host(self) -> Target:
        return host_of(self.url)


class DownloadedFile(NamedTuple):
    """A file as if someone had attached it: a SKILL.md, or a zip archive."""

    name: str
    content: bytes


def source_of(text: str) -> InstallSource:
    """Returns what the text names. Raises Refused with what can be given instead."""
    text = text.strip().strip("<>")
    git = text.startswith("git+")
    url, _, folder = text.removeprefix("git+").partition("#")
    parts = _split(url)
    if parts.scheme not in ("https", "http") or parts.username or parts.password:
        raise Refused(
            f"{text[:120]!r} isn't an address that skills can be installed from. Give an https address of a zip file, "
            "a git repository's folder, or a website that lists skills."
        )
    host_of(url)
    path = unquote(parts.path)
    if found := _TREE.fullmatch(path):
        folder = (found["folder"] or "").removesuffix("SKILL.md")
        repo = f"{parts.scheme}://{parts.netloc}{found['repo']}.git"
        return InstallSource("git", repo, _checked(found["ref"]), _checked(folder.strip("/")))
    forge = (parts.hostname or "") in _FORGES and path.strip("/").count("/") == 1
    if git or path.endswith(".git") or forge:
        if git and "@" in path:
            path, _, ref = path.rpartition("@")
            return InstallSource("git", f"{parts.scheme}://{parts.netloc}{path}", _checked(ref), _checked(folder))
        return InstallSource("git", f"{parts.scheme}://{parts.netloc}{path}", folder=_checked(folder.strip("/")))
    if path.lower().endswith((*ARCHIVES, ".md")):
        return InstallSource("file", url)
    if path in ("", "/"):
        return InstallSource("index", f"{parts.scheme}://{parts.netloc}{INDEX}")
    if path.endswith("/index.json"):
        return InstallSource("index", url)
    raise Refused(
        f"{url[:120]!r} doesn't look like a skill. Give the address of a zip file, a git repository's folder, or a "
        "website that lists skills."
    )


def host_of(url: str) -> Target:
    """Returns the host that an address leads to. Raises Refused."""
    parts = _split(url)
    found = target(parts.netloc, 443 if parts.scheme == "https" else 80)
    if found is None:
        raise Refused(_INVALID.format(url[:120]))
    return found


def granted(url: str, near: Sequence[str]) -> Grant:
    """Returns what lets a proxy reach the address's host alone. Raises Refused unless it is https, or private and
    listed."""
    scheme = url.partition(":")[0].lower()
    if scheme in ("https", "http"):
        wanted = host_of(url)
        grant = Grant((str(wanted),), tuple(near))
        if scheme == "https" or not grant.refused(wanted, ("any",)):
            return grant
    raise Refused(f"{url[:120]!r} isn't an https address, so nothing was downloaded from it.")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Refused(_INVALID.format(url[:120])) from error


def _checked(name: str) -> str:
    """Returns a branch or folder that no program takes for an option or a way out. Raises Refused."""
    if name and (not _NAME.fullmatch(name) or ".." in name):
        raise Refused(f"{name[:80]!r} can't be a branch or a folder of a repository. Check the address.")
    return name

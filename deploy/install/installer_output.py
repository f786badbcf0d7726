"""Interprets an installer's output: its progress, and why it failed. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

Reason = Literal["full", "hash", "unreachable", "other"]
_MARKS: dict[Reason, tuple[str, ...]] = {
    "full": ("no space left on device", "os error 28", "errno 28", "disk quota exceeded", "errno 122"),
    "hash": ("hash mismatch", "do not match the hashes"),
    "unreachable": (
        "dns error",
        "name resolution",
        "name or service not known",
        "nodename nor servname",
        "failed to resolve",
        "failed to establish a new connection",
        "newconnectionerror",
        "error sending request",
        "connection refused",
        "connection reset",
        "network is unreachable",
        "timed out",
        "cannot connect to proxy",
        "proxyerror",
        "sslerror",
        "certificate verify failed",
        "invalid peer certificate",
        "failed to fetch",
    ),
    "other": (),
}


class InstallProgress(NamedTuple):
    """`now`: everything that is being fetched; `new`: what has just started."""

    line: str
    now: str
    new: str | None


_STARTED = re.compile(r"^ *Downloading (?!\S+\.whl)(?P<name>[\w.-]+) \((?P<size>[^)]+)\)")
_ENDED = re.compile(r"^ *Downloaded (?P<name>[\w.-]+)")
_COLLECTED = re.compile(r"^Collecting (?P<name>[\w.-]+)")
_NOISE = re.compile(r"^ *(Downloading|Downloaded|Collecting|Using cached|WARNING: (Retrying|Location)) ")
_SECRET = re.compile(r"(?<=://)[^\s/@]+@")


def reason(output: str) -> Reason:
    """Returns why an installer failed, given everything it printed."""
    told = output.lower()
    for kind, marks in _MARKS.items():
        if any(mark in told for mark in marks):
            return kind
    return "other"


def worth_reading(output: str) -> list[str]:
    """Returns the lines of a failed installer that aren't progress, without the passwords in addresses."""
    return [_SECRET.sub("****@", line) for line in output.splitlines() if line.strip() and not _NOISE.match(line)]


def progress(lines: Iterable[str]) -> Iterator[InstallProgress]:
    """Yields each line of an installer as it comes, with what it says about progress.

    uv names the larger packages as their downloads begin and end, pip names each package once.
    """
    under_way: list[str] = []
    done = 0
    for line in lines:
        new = None
        if found := _STARTED.match(line):
            under_way.append(found["name"])
            new = f"{found['name']} ({found['size']})"
        elif found := _ENDED.match(line):
            under_way = [name for name in under_way if name != found["name"]]
            done += 1
        elif found := _COLLECTED.match(line):
            under_way, done = [found["name"]], done + 1
            new = found["name"]
        yield InstallProgress(line, f"{', '.join(under_way)} ({done} done)" if under_way else "", new)

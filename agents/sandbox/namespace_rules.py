"""Looks up what on this machine may forbid an ordinary user's program to create namespaces."""

from pathlib import Path

from agents.sandbox.explain_start_failure import NamespaceRules

_CONTAINERS = (".dockerenv", "run/.containerenv")


def looked_up(top: Path = Path("/")) -> NamespaceRules:
    """Returns the rules; blocks for a few small files. `top`: where the machine's files are."""

    def at(name: str) -> str:
        try:
            return (top / "proc/sys" / name).read_text().strip()
        except OSError:
            return ""

    return NamespaceRules(
        apparmor=at("kernel/apparmor_restrict_unprivileged_userns") not in ("", "0"),
        clone=at("kernel/unprivileged_userns_clone") == "0",
        none=at("user/max_user_namespaces") == "0",
        container=any((top / name).exists() for name in _CONTAINERS),
    )

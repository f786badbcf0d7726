"""Finds other packages that own one of our plain import names, `bot`, `orchestrator` and `agents`."""

from importlib import metadata

from orchestrator.errors import BadSettings

OURS = ("bot", "orchestrator", "agents")
DISTRIBUTION = "threadwork"


def clashes() -> list[str]:
    """Returns a sentence for each of our names that another installed distribution owns."""
    found: list[str] = []
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name == DISTRIBUTION:
            continue
        record = "\n" + (distribution.read_text("RECORD") or distribution.read_text("SOURCES.txt") or "")
        found += [
            f"The package {name!r} also uses the import name {ours!r}; uninstall it here, or install threadwork "
            "in its own environment (./run does)."
            for ours in OURS
            if f"\n{ours}/__init__.py" in record or f"\n{ours}.py," in record
        ]
    return found


def check_names() -> None:
    """Raises BadSettings if another distribution owns one of our names."""
    if found := clashes():
        raise BadSettings(found[0])

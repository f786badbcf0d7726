"""Says in which folders skills are, for a task the nearest first."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from agents.skills.read_folder import SkillRoot
from orchestrator.domain.people import Request
from orchestrator.domain.skills import SkillSource

FOLDER = "skills"
"""In the data folder, beside `agents/`."""
_SCOPES: Mapping[SkillSource, str] = {"person": "people", "channel": "channels", "team": "teams"}
SHARED = (".agents/skills", ".claude/skills")
"""Where other tools keep the skills of a project's folder."""


def home_roots(home: Path, request: Request | None) -> list[SkillRoot]:
    """Returns the folders below the data folder: the person's, the channel's, the team's, and everyone's."""
    top = home / FOLDER
    rows = [SkillRoot("team", top)]
    if request is not None:
        place = request.place
        rows = [
            SkillRoot("person", top / _SCOPES["person"] / named(request.by.id)),
            SkillRoot("channel", top / _SCOPES["channel"] / named(f"{place.platform}:{place.channel}")),
            SkillRoot("team", top / _SCOPES["team"] / named(place.team)),
            *rows,
        ]
    return rows


def scoped_roots(home: Path) -> list[tuple[SkillRoot, str]]:
    """Returns the folders of every person, channel, and team that has one, with the ID of each. Blocks."""
    found: list[tuple[SkillRoot, str]] = []
    for source, below in _SCOPES.items():
        with suppress(OSError):
            folders = sorted(one for one in (home / FOLDER / below).iterdir() if one.is_dir())
            found += [(SkillRoot(source, one), unquote(one.name)) for one in folders]
    return found


def root_of(home: Path, source: SkillSource, id_: str) -> SkillRoot:
    """Returns the folder of one person, channel, or team; without an ID, everyone's."""
    top = home / FOLDER
    return SkillRoot(source, top / _SCOPES[source] / named(id_)) if id_ else SkillRoot("team", top)


def shared_roots(folders: Sequence[str]) -> list[SkillRoot]:
    """Returns where the skills of granted folders are. They count only once someone has trusted them."""
    paths = [Path(folder).expanduser() for folder in folders]
    return [SkillRoot("folder", path / below, within=path) for path in paths for below in SHARED]


def shipped_root() -> SkillRoot:
    """Returns where the skills of this version are: beside the packages, or in the repository."""
    agents = Path(__file__).resolve().parents[1]
    installed = agents / "shipped_skills"
    return SkillRoot("shipped", installed if installed.is_dir() else agents.parent / "skills")


def named(id_: str) -> str:
    """Returns a folder's name for the ID of a person, channel, or team, e.g. `slack:T1%2FC2`."""
    return quote(id_, safe=":@").replace(".", "%2E") or "%00"

"""Serves the company sites as an ASGI app, and copies them as files that a person may change."""

import shutil
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

SITES = Path(__file__).parent / "sites"


def sites_app(folder: Path = SITES) -> Starlette:
    """Serves the pages below `folder`; mount it where the rehearsal's base URL points. A changed file shows at once."""
    return Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])


def copy_sites(to: Path) -> Path:
    """Copies the pages to `to`, so that a person can change a number; keeps existing files."""
    for page in sorted(SITES.rglob("*")):
        target = to / page.relative_to(SITES)
        if page.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page, target)
    return to

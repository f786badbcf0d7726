"""Finds the app's manifest: beside this file when installed, in `deploy/` in a checkout."""

from pathlib import Path


def manifest() -> Path:
    """The file that a person pastes when creating the app."""
    here = Path(__file__).parent
    shipped = here / "manifest.yaml"
    return shipped if shipped.is_file() else here.parents[1] / "deploy" / "slack" / "manifest.yaml"

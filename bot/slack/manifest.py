"""Where the app's manifest is: beside this file when installed, in `deploy/` in a checkout."""

from pathlib import Path


def manifest() -> Path:
    """The file that a person pastes when the app is made."""
    here = Path(__file__).parent
    shipped = here / "manifest.yaml"
    return shipped if shipped.is_file() else here.parents[1] / "deploy" / "slack" / "manifest.yaml"

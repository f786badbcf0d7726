"""The two pictures of the README, taken from the product: `python -m tests.readme_pictures` renews them.

The workspace comes from the walk through the real program, the Slack thread from the drawing of its real payloads.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
TAKEN = {
    "workspace": HERE / "output/walk/04-working-graph.png",
    "slack": HERE / "output/chats/slack-approval.png",
}
TESTS = (
    "tests/acceptance/test_walk.py::test_from_the_mention_to_files_that_open_in_libreoffice",
    "tests/scenarios/test_chat_pictures.py::test_nothing_is_clipped_in_any_picture_of_a_thread",
)
FOLDER = HERE.parent / "deploy/pictures"
WIDEST = 1200
"""Pixels; wider than this a README shows nothing more."""


def small(taken: Path, to: Path) -> None:
    """Writes the picture in 128 colours, at most `WIDEST` wide."""
    with Image.open(taken) as picture:
        picture.thumbnail((WIDEST, WIDEST * 2), Image.Resampling.LANCZOS)
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(to, optimize=True)


def main() -> int:
    ended = subprocess.run([sys.executable, "-m", "pytest", *TESTS], cwd=HERE.parent, check=False)
    if ended.returncode:
        return ended.returncode
    FOLDER.mkdir(exist_ok=True)
    for name, taken in TAKEN.items():
        small(taken, FOLDER / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

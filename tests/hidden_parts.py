"""The LibreOffice of this machine again, with parts of it hidden: links to its files, without the hidden ones."""

import shutil
from pathlib import Path

_OWN = ("soffice", "soffice.bin", "oosplash")
"""Programs find the rest beside themselves, so these are copies."""


def without(soffice: str, folder: Path, *hidden: str) -> str:
    """Makes a LibreOffice in `folder` that lacks the files with these names; returns its program."""
    home = Path(soffice).resolve().parent.parent
    for part in ("program", "share/registry"):
        (folder / part).mkdir(parents=True)
    for file in (home / "program").iterdir():
        if file.name not in (*_OWN, "fundamentalrc", *hidden):
            (folder / "program" / file.name).symlink_to(file)
    for name in _OWN:
        shutil.copy(home / "program" / name, folder / "program" / name)
    for file in (home / "share").iterdir():
        if file.name != "registry":
            (folder / "share" / file.name).symlink_to(file)
    for file in (home / "share/registry").iterdir():
        if file.name not in hidden:
            (folder / "share/registry" / file.name).symlink_to(file)
    shutil.copytree(home / "presets", folder / "presets")
    settings = (home / "program/fundamentalrc").read_text()
    for place, own in ((home / "share/registry", folder / "share/registry"), (home, folder)):
        settings = settings.replace(place.resolve().as_uri(), own.as_uri())
    (folder / "program/fundamentalrc").write_text(settings)
    return str(folder / "program/soffice")


def shown_again(soffice: str, program: str, *hidden: str) -> None:
    """Installs hidden registry files after all."""
    for name in hidden:
        shown = Path(soffice).resolve().parent.parent / "share/registry" / name
        (Path(program).parent.parent / "share/registry" / name).symlink_to(shown)

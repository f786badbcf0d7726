"""Finds matplotlib's list of this machine's fonts: making it takes seconds, so sandboxed code gets the host's."""

from pathlib import Path


def font_list() -> dict[str, bytes]:
    """Returns the list by file name. Where it isn't in its usual place, matplotlib says where, or makes it. Blocks."""
    found = _lists(Path("~/.cache/matplotlib").expanduser())
    if not found:
        import matplotlib
        from matplotlib import font_manager  # importing it makes the list

        assert font_manager
        found = _lists(Path(matplotlib.get_cachedir()))
    return found


def _lists(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("fontlist-v*.json")}

"""Says what a command's paths are called inside the sandbox, and which of them aren't there. Pure."""

from collections.abc import Callable, Mapping, Sequence

_FOLDERS = "/folders"
_SEEN = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/tmp", "/dev", "/proc", "/workspace", _FOLDERS)


def moved(words: Sequence[str], folders: Mapping[str, str]) -> list[str]:
    """Returns the command's words with the folders by the names that they have inside, the longest path first."""
    rows = sorted(folders.items(), key=lambda row: -len(row[1]))
    return [_moved(word, rows) for word in words]


def unseen(words: Sequence[str], exists: Callable[[str], bool]) -> str:
    """Returns the first path of this machine that the sandbox doesn't show; empty if there is none."""
    for word in words:
        path = word.partition("=")[2] if word.startswith("-") else word
        if path.startswith(("/", "~/")) and path != "/" and not _below(path, _SEEN) and exists(path):
            return path
    return ""


def _moved(word: str, rows: Sequence[tuple[str, str]]) -> str:
    option, equals, value = word.partition("=") if word.startswith("-") else ("", "", word)
    for name, path in rows:
        if _below(value, (path,)):
            return f"{option}{equals}{_FOLDERS}/{name}{value[len(path) :]}"
    return word


def _below(path: str, folders: Sequence[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in folders)

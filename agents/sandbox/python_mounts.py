"""Mounts the host's Python for sandboxed code at two fixed paths, wherever the host has it.

An environment contains its own full path and that of its interpreter in links and in `pyvenv.cfg`. Inside, both are
rebuilt from their parts, so that no other mount (an empty /tmp, the workspace) can hide them.
"""

import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

ENVIRONMENT = "/opt/environment"
"""Path of a virtual environment inside."""
INSTALLATION = "/opt/python"
"""Path of the interpreter and its standard library inside, unless they are below /usr, which is mounted anyway."""
_SHARED = f"{INSTALLATION}/shared"
_CONFIGURATION = "pyvenv.cfg"


class Python(NamedTuple):
    """An interpreter of this machine, links resolved. `library`: its own shared library, if it has one."""

    program: Path
    base: Path
    environment: Path | None = None
    library: Path | None = None


class PythonMounts(NamedTuple):
    """How it is mounted: bubblewrap's options, files by their path inside, and variables.

    `program`: the name to use in a command. `folders`: what comes first in PATH.
    """

    options: tuple[str, ...]
    files: dict[str, bytes]
    variables: dict[str, str]
    program: str
    folders: tuple[str, ...]


def running() -> Python:
    """Returns the interpreter that runs this. Blocks."""
    base = Path(sys.base_prefix).resolve()
    library = base / "lib" / str(sysconfig.get_config_var("INSTSONAME"))
    within = sys.prefix != sys.base_prefix
    return Python(
        program=_program(Path(sys.executable), within=within),
        base=base,
        environment=Path(sys.prefix).resolve() if within else None,
        library=library.resolve() if library.suffix != ".a" and library.is_file() else None,
    )


def shown(python: Python) -> PythonMounts:
    """Returns its mounts. Reads its folders, so it blocks."""
    options, variables = list[str](), dict[str, str]()
    program, folders = str(python.program), tuple[str, ...]()
    if not python.base.is_relative_to("/usr"):
        name = python.program.name
        options += [*_libraries(python.base, INSTALLATION), *_bound(python.program, f"{INSTALLATION}/bin/{name}")]
        options += _links(f"{INSTALLATION}/bin", name, but=name)
        if (python.base / "include").is_dir():
            options += _bound(python.base / "include", f"{INSTALLATION}/include")
        if python.library:  # found by its full path, which differs inside
            options += _bound(python.library, f"{_SHARED}/{python.library.name}")
            variables["LD_LIBRARY_PATH"] = _SHARED
        program, folders = f"{INSTALLATION}/bin/{name}", (f"{INSTALLATION}/bin",)
    if python.environment is None:
        return PythonMounts(tuple(options), {}, variables, program, folders)
    options += [*_libraries(python.environment, ENVIRONMENT), *_links(f"{ENVIRONMENT}/bin", program)]
    files = {f"{ENVIRONMENT}/{_CONFIGURATION}": _configuration(python.environment, str(Path(program).parent))}
    return PythonMounts(tuple(options), files, variables, f"{ENVIRONMENT}/bin/python", (f"{ENVIRONMENT}/bin", *folders))


def _program(started: Path, *, within: bool) -> Path:
    """Returns the interpreter's file. An environment of copies has its own; returns the original."""
    program = started.resolve()
    original = getattr(sys, "_base_executable", None)
    copied = within and program.is_relative_to(Path(sys.prefix).resolve())
    return Path(original).resolve() if copied and original else program


def _libraries(root: Path, place: str) -> list[str]:
    found = [name for name in ("lib", "lib64") if (root / name).is_dir()]
    return [word for name in found for word in _bound((root / name).resolve(), f"{place}/{name}")]


def _bound(source: Path, place: str) -> list[str]:
    return ["--ro-bind", str(source), place]


def _links(folder: str, program: str, *, but: str = "") -> list[str]:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = [name for name in ("python", "python3", f"python{version}") if name != but]
    return [word for name in names for word in ("--symlink", program, f"{folder}/{name}")]


def _configuration(environment: Path, home: str) -> bytes:
    """Returns the environment's `pyvenv.cfg` with the interpreter's path inside."""
    try:
        lines = (environment / _CONFIGURATION).read_text().splitlines()
    except FileNotFoundError:
        lines = []
    kept = [line for line in lines if line.partition("=")[0].strip() == "include-system-site-packages"]
    return "\n".join([f"home = {home}", *kept, ""]).encode()

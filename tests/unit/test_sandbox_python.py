"""Where sandboxed code finds Python, wherever the host's own is."""

from pathlib import Path

import pytest

from agents.sandbox.python_mounts import Python, PythonMounts, running, shown


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    place = tmp_path / "a b" / ".venv"
    (place / "lib").mkdir(parents=True)
    (place / "lib64").symlink_to("lib")
    (place / "pyvenv.cfg").write_text("home = /root/bin\ninclude-system-site-packages = true\nversion = 3.12\n")
    return place


@pytest.fixture
def base(tmp_path: Path) -> Path:
    base = tmp_path / "python"
    for name in ("bin", "lib", "include"):
        (base / name).mkdir(parents=True)
    (base / "bin/python3.12").touch()
    (base / "lib/libpython3.12.so.1.0").touch()
    return base


def mounts(shown: PythonMounts) -> dict[str, str]:
    words = shown.options
    return {place: source for word, source, place in zip(words, words[1:], words[2:], strict=False) if "bind" in word}


def links(shown: PythonMounts) -> dict[str, str]:
    words = shown.options
    return {place: to for word, to, place in zip(words, words[1:], words[2:], strict=False) if word == "--symlink"}


def test_an_environment_on_the_systems_python_is_put_together_from_its_libraries(environment: Path) -> None:
    found = shown(Python(Path("/usr/bin/python3.11"), Path("/usr"), environment))
    library = str(environment / "lib")
    assert mounts(found) == {"/opt/environment/lib": library, "/opt/environment/lib64": library}
    assert links(found)["/opt/environment/bin/python"] == "/usr/bin/python3.11"
    written = b"home = /usr/bin\ninclude-system-site-packages = true\n"
    assert found.files == {"/opt/environment/pyvenv.cfg": written}
    assert (found.program, found.folders) == ("/opt/environment/bin/python", ("/opt/environment/bin",))


def test_an_interpreter_of_its_own_is_shown_without_the_folder_that_holds_it(environment: Path, base: Path) -> None:
    found = shown(Python(base / "bin/python3.12", base, environment, base / "lib/libpython3.12.so.1.0"))
    assert mounts(found) == {
        "/opt/python/lib": str(base / "lib"),
        "/opt/python/include": str(base / "include"),
        "/opt/python/bin/python3.12": str(base / "bin/python3.12"),
        "/opt/python/shared/libpython3.12.so.1.0": str(base / "lib/libpython3.12.so.1.0"),
        "/opt/environment/lib": str(environment / "lib"),
        "/opt/environment/lib64": str(environment / "lib"),
    }
    assert links(found)["/opt/environment/bin/python3"] == "/opt/python/bin/python3.12"
    assert found.files["/opt/environment/pyvenv.cfg"].startswith(b"home = /opt/python/bin\n")
    assert found.variables == {"LD_LIBRARY_PATH": "/opt/python/shared"}


def test_without_an_environment_the_interpreter_itself_is_named(base: Path) -> None:
    assert shown(Python(base / "bin/python3.12", base)).program == "/opt/python/bin/python3.12"
    assert shown(Python(Path("/usr/bin/python3"), Path("/usr"))) == PythonMounts((), {}, {}, "/usr/bin/python3", ())


def test_links_to_the_interpreter_that_runs_are_followed() -> None:
    found = running()
    assert found.program.is_file() and not found.program.is_symlink()
    assert found.program.is_relative_to(found.base)

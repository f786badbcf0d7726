"""How `./run` installs: what uv is passed of pip's settings, what its output means, and what holds without uv."""

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from install import installer, pip_settings_for_uv, system_packages
from install.environment import spell_link_in_ascii
from install.installer_output import progress, reason, worth_reading
from install.messages import StopInstall
from install.phase_times import Phases

LISTED = """\
:env:.default-timeout='60'
global.cert='/etc/ca.pem'
global.extra-index-url='https://more.test/simple\\nfile:///gone/simple file:///there/simple'
global.index-url='https://global.test/simple'
global.timeout='15'
install.index-url='https://me:secret@install.test/simple'
freeze.all='1'
"""


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """An environment without pip, as `./run` makes it."""
    made = tmp_path / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", made], check=True)
    return made


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel `tiny`, which is all that pip is allowed to use."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    info = "tiny-1.0.dist-info"
    files = {
        "tiny.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in (files | {f"{info}/RECORD": "\n".join([*rows, f"{info}/RECORD,,"])}).items():
            wheel.writestr(name, text)
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _lock(wheels: Path, name: str, digest: str | None = None) -> str:
    digest = digest or hashlib.sha256((wheels / "tiny-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lock = wheels / "some.lock"
    lock.write_text(f"{name}==1.0 \\\n    --hash=sha256:{digest}\n")
    return str(lock)


def _has_tiny(env: Path) -> bool:
    return subprocess.run([env / "bin/python", "-c", "import tiny"], capture_output=True, check=False).returncode == 0


def test_the_later_of_pips_sections_wins() -> None:
    options = pip_settings_for_uv.pip_options(LISTED)
    assert options["index-url"] == "https://me:secret@install.test/simple"
    assert options["default-timeout"] == "60"
    assert "all" not in options


def test_uv_fetches_from_where_pip_does() -> None:
    there = {"/etc/ca.pem", "/there/simple"}
    told = pip_settings_for_uv.for_uv(pip_settings_for_uv.pip_options(LISTED), {}, lambda place: place in there)
    assert told == {
        "UV_INDEX_URL": "https://me:secret@install.test/simple",
        "UV_EXTRA_INDEX_URL": "https://more.test/simple file:///there/simple",
        "UV_HTTP_TIMEOUT": "15",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_proxies_wheelhouses_and_no_index_are_passed_on() -> None:
    options = {"proxy": "http://me:secret@proxy.test:3128", "find-links": "/there /gone", "no-index": "true"}
    told = pip_settings_for_uv.for_uv(options, {"REQUESTS_CA_BUNDLE": "/there"}, lambda place: place == "/there")
    assert told["https_proxy"] == told["HTTPS_PROXY"] == told["ALL_PROXY"] == "http://me:secret@proxy.test:3128"
    assert (told["UV_FIND_LINKS"], told["UV_NO_INDEX"], told["SSL_CERT_FILE"]) == ("/there", "1", "/there")


def test_what_is_set_for_uv_itself_stays() -> None:
    pip, uv = {"index-url": "https://pip.test/simple"}, {"UV_INDEX_URL": "https://uv.test"}
    told = pip_settings_for_uv.for_uv(pip, uv, lambda _: True)
    assert "UV_INDEX_URL" not in told


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("cause: failed to write to file `x`: No space left on device (os error 28)", "full"),
        ("error: Hash mismatch for `six==1.17.0`", "hash"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash"),
        ("cause: client error (Connect)\n cause: dns error: failed to lookup address information", "unreachable"),
        (
            "NewConnectionError('…: Failed to establish a new connection: [Errno 111] Connection refused')",
            "unreachable",
        ),
        ("error: Failed to read `--find-links` directory", "other"),
    ],
)
def test_why_an_installer_failed(output: str, why: str) -> None:
    assert reason(output) == why


def test_no_password_and_no_progress_is_shown_of_a_failure() -> None:
    output = "Downloading six (1 MiB)\n\nerror: no answer from https://me:secret@index.test/simple/six/\n"
    assert worth_reading(output) == ["error: no answer from https://****@index.test/simple/six/"]


def test_progress_names_what_is_being_fetched_and_counts_what_is_done() -> None:
    uv = [
        "Resolved 3 packages",
        "Downloading a (1.0MiB)",
        "Downloading b-c (2.0MiB)",
        " Downloaded a",
        " Downloaded b-c",
    ]
    assert [(seen.now, seen.new) for seen in progress(uv)] == [
        ("", None),
        ("a (0 done)", "a (1.0MiB)"),
        ("a, b-c (0 done)", "b-c (2.0MiB)"),
        ("b-c (1 done)", None),
        ("", None),
    ]
    pip = ["Collecting a==1 (from -r x)", "  Downloading a-1.whl (3 kB)", "Collecting b==2"]
    assert [seen.new for seen in progress(pip) if seen.new] == ["a", "b"]


def test_phases_are_listed_in_the_order_in_which_they_end() -> None:
    phases = Phases()
    with phases.phase("outer"), phases.phase("inner"):
        pass
    assert [part.split()[0] for part in phases.summary().split(" · ")] == ["inner", "outer", "ready"]


@pytest.mark.slow
def test_pip_installs_from_a_lock_into_an_environment_without_pip(env: Path, wheels: Path) -> None:
    installer.with_pip(env, *installer.lock(_lock(wheels, "tiny")))
    assert _has_tiny(env)


def test_a_package_with_another_hash_is_refused(env: Path, wheels: Path) -> None:
    with pytest.raises(StopInstall, match="doesn't match its hash"):
        installer.with_pip(env, *installer.lock(_lock(wheels, "tiny", "0" * 64)))
    assert not _has_tiny(env)


def test_a_uv_with_another_hash_is_never_run(env: Path, wheels: Path) -> None:
    (wheels / "tiny-1.0-py3-none-any.whl").rename(wheels / "uv-1.0-py3-none-any.whl")
    assert installer.fetch_uv(env, _lock(wheels, "uv", "0" * 64)) is None
    assert not (env / "installer").exists()


@pytest.mark.slow
def test_uv_installs_what_pip_would(env: Path, wheels: Path) -> None:
    uv = Path(sys.prefix) / "installer/bin/uv"
    if not uv.exists():
        pytest.skip("this environment was not made by ./run with uv")
    assert installer.with_uv(env, uv, *installer.lock(_lock(wheels, "tiny")))
    assert _has_tiny(env)
    with pytest.raises(StopInstall, match="doesn't match its hash"):
        installer.with_uv(env, uv, *installer.lock(_lock(wheels, "tiny", "0" * 64)), "--reinstall", "--no-cache")


def test_a_uv_that_fails_leaves_it_to_pip(env: Path, wheels: Path) -> None:
    broken = wheels / "uv"
    broken.write_text("#!/bin/sh\nexit 2\n")
    broken.chmod(0o755)
    assert not installer.with_uv(env, broken, *installer.lock(_lock(wheels, "tiny")))


@pytest.mark.parametrize("surroundings", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {}])
def test_a_tree_with_an_umlaut_in_its_path_is_found_in_every_locale(
    env: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    tree = tmp_path / "büro"
    tree.mkdir()
    (tree / "found_here.py").write_text("")
    (site,) = env.glob("lib/python3*/site-packages")
    (site / "_threadwork.pth").write_text(f"{tree}\n", "utf-8")
    spell_link_in_ascii(env)
    command = [env / "bin/python", "-c", "import found_here"]
    done = subprocess.run(command, env=surroundings, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_who_may_not_install_packages_reads_all_that_the_tests_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a machine made today curl and a browser were missing, and nothing named them."""
    query = tmp_path / "dpkg-query"
    query.write_text("#!/bin/sh\n")
    query.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    system_packages.prepare_for_tests(tmp_path / "env")
    packages, slack = capsys.readouterr().err.splitlines()
    named = packages.partition("--no-install-recommends ")[2].split()
    assert named == [*system_packages.FOR_TESTS, "chromium-headless-shell"]
    assert {"curl", "libreoffice-impress", "tesseract-ocr"} < {*named}
    assert slack.endswith("it needs npm. Install nodejs and npm.")

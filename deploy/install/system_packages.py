"""Installs what this machine needs besides Python: Debian packages and a browser."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from install.messages import CHECKOUT, ROOT, say
from install.phase_times import Phases

FOR_TESTS = (
    "bubblewrap",
    "curl",
    "git",
    "libatomic1",
    "libreoffice-calc",
    "libreoffice-impress",
    "libreoffice-writer",
    "python3-uno",
    "fonts-crosextra-carlito",
    "fonts-crosextra-caladea",
    "fonts-dejavu-core",
    "fonts-liberation",
    "fonts-noto-color-emoji",
    "poppler-utils",
    "tesseract-ocr",
    "postgresql",
)
_HEADLESS = "chromium-headless-shell"
_DRIVER = {"libatomic.so.1": "libatomic1", "libstdc++.so.6": "libstdc++6"}
_DAY = 86400
BROWSERS = (
    _HEADLESS,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def debian_root() -> bool:
    return ROOT and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def apt_install(names: Sequence[str]) -> bool:
    """Returns whether they could be installed. Package lists older than a day are updated first, others on failure."""
    say(f"Installing {' '.join(names)} …")
    install = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *names]
    return (_lists_are_new() and _apt(install)) or (_apt(["update"]), _apt(install))[1]


def _lists_are_new() -> bool:
    lists = Path("/var/lib/apt/lists").glob("*_Packages*")
    return any(time.time() - path.stat().st_ctime < _DAY for path in lists)


def _apt(words: Sequence[str]) -> bool:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *words]
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def prepare_for_tests(env: Path) -> None:
    """Installs what the tests need; any user but root only sees what is missing."""
    _packages()
    fetch_slack_types(env)


def fetch_slack_types(env: Path) -> None:
    """Installs TypeScript and Slack's published types, which check what we send to Slack, once, beside the
    environment's Python.

    As root on Debian, npm itself is installed first. Without it, that one test is skipped.
    """
    wanted, folder = CHECKOUT / "tests/slack_types", env / "slack-types"
    lock = (wanted / "package-lock.json").read_bytes()
    had = folder / "installed.json"
    if had.exists() and had.read_bytes() == lock:
        return
    if shutil.which("npm") or (debian_root() and apt_install(["nodejs", "npm"])):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(wanted, folder)
        say("Installing TypeScript and Slack's types …")
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
            if done.returncode == 0:
                had.write_bytes(lock)
                return
    why = "npm couldn't install them here" if shutil.which("npm") else "it needs npm. Install nodejs and npm"
    say(f"Note: the test of Slack's types will be skipped: {why}.")


def _packages() -> None:
    if shutil.which("dpkg-query") is None:
        say(
            "Note: the tests need bubblewrap, curl, git, LibreOffice (Calc, Impress, Writer, UNO), poppler, Tesseract, "
            "PostgreSQL, and Chromium."
        )
        return
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *FOR_TESTS]
    told = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    there = {line.removeprefix("installed ") for line in told.splitlines() if line.startswith("installed ")}
    missing = [name for name in FOR_TESTS if name not in there]
    missing += [] if find_browser() else [_HEADLESS]
    if missing and not (debian_root() and apt_install(missing)):
        say(
            "Note: some tests will be skipped or fail without: "
            f"apt-get install --no-install-recommends {' '.join(missing)}"
        )


def find_browser() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def browser_of_debian(phases: Phases) -> None:
    """As root on Debian, installs its package if there is no browser yet, and the libraries that its driver needs."""
    wanted = [*([] if find_browser() else [_HEADLESS]), *driver_packages()]
    if wanted and debian_root():
        with phases.phase("browser"):
            apt_install(wanted)


def driver_packages() -> list[str]:
    """Returns the packages of libraries that the browser's driver, node, can't be started without."""
    missing: list[str] = []
    for library, package in _DRIVER.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def fetch_browser(env: Path, around: dict[str, str], phases: Phases) -> None:
    """Fetches Playwright's own browser if this machine has none.

    Its path is noted in the environment, where everyone may run it. threadwork also runs without a browser.
    """
    if find_browser():
        return
    with phases.phase("browser"):
        say("No browser found; downloading chromium-headless-shell …")
        folder = env / "browsers"
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [env / "bin/python", "-m", "playwright", "install", "chromium-headless-shell"],
                env=around | {"PLAYWRIGHT_BROWSERS_PATH": str(folder)},
                timeout=600,
                capture_output=True,
                check=False,
            )
        for path in (*folder.rglob("chrome-headless-shell"), *folder.rglob("headless_shell")):
            if path.is_file() and starts(path):
                (env / "browser").write_text(str(path))
                return
        names = " and ".join(["chromium or chromium-headless-shell", *driver_packages()])
        say(f"No browser could be installed, so agents can't read pages. To let them, install {names}.")


def starts(browser: Path) -> bool:
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"]
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

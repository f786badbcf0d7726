"""What programs say when a sandbox cannot be started, and what that means."""

import os
from pathlib import Path

import pytest

from agents.sandbox import open_tested_sandbox
from agents.sandbox.explain_start_failure import NamespaceRules, because
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.sandbox_interface import Sandbox

SAID = {
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user "
    "namespaces.": "user namespaces",
    "bwrap: setting up uid map: Permission denied": "user namespaces",
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted": "--security-opt systempaths=unconfined",
    "bwrap: Can't find source path /home/ann/a b/.venv/lib: Permission denied": "can't reach '/home/ann/a b/.venv/lib'",
    "ImportError: /mnt/x/lib/_ssl.so: failed to map segment from shared object": "'/mnt/x/lib/_ssl.so' is on",
    "setsid: failed to execute /opt/python/bin/python3.12: Permission denied": "can't be executed",
    "setsid: failed to execute /opt/environment/bin/python: No such file or directory": "can't be found inside",
    "/opt/python/bin/python3: error while loading shared libraries: libx.so.1: cannot open": "the library 'libx.so.1'",
    "bwrap: Unknown option --disable-userns": "'disable-userns'",
}


@pytest.mark.parametrize("said", SAID)
def test_a_known_cause_is_named_with_the_next_step(said: str) -> None:
    words = because(said, NamespaceRules())
    assert SAID[said] in words
    assert words.count(". ") == 1 and words.endswith(".")


def test_nothing_is_claimed_about_what_nobody_knows() -> None:
    assert because("Segmentation fault", NamespaceRules()) == ""


async def test_opening_a_sandbox_as_an_ordinary_user_reads_no_file_on_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root nothing is opened within the process, so only ordinary users' tests found it."""

    async def no_trial(sandbox: Sandbox, home: Path) -> open_tested_sandbox.Trial:
        return open_tested_sandbox.Trial("tried.")

    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(open_tested_sandbox, "trial", no_trial)
    assert (await open_tested_sandbox.open_sandbox(tmp_path, SandboxLimits())).refused.startswith("Code can't run: ")

"""Machines and containers that forbid a sandbox: the sentence has the command that allows it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.sandbox import namespace_rules
from agents.sandbox.explain_start_failure import NamespaceRules, because
from bot.doctor import program_checks
from tests.world.machines.troubles import trouble

ROOT = Path(__file__).parents[3]
NO_NAMESPACE = "bwrap: setting up uid map: Permission denied"
RULES = {
    NamespaceRules(apparmor=True): "sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap`.",
    NamespaceRules(clone=True): "kernel.unprivileged_userns_clone=1",
    NamespaceRules(none=True, apparmor=True): "user.max_user_namespaces=15000",
    NamespaceRules(container=True, apparmor=True): "--security-opt apparmor=unconfined",
    NamespaceRules(): "outside a chroot",
}


@pytest.mark.parametrize("rules", RULES)
@trouble("a kernel's rule forbids what another machine allows")
def test_what_forbids_namespaces_is_named_with_the_command_that_allows_them(rules: NamespaceRules) -> None:
    words = because(NO_NAMESPACE, rules)
    assert RULES[rules] in words
    assert words.endswith(".") and words.count("`") in (0, 2)


@pytest.mark.parametrize("rule", NamespaceRules._fields)
@trouble("a kernel's rule forbids what another machine allows")
def test_each_rule_is_found_where_the_kernel_shows_it(tmp_path: Path, rule: str) -> None:
    files = {
        "apparmor": ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
        "clone": ("proc/sys/kernel/unprivileged_userns_clone", "0"),
        "none": ("proc/sys/user/max_user_namespaces", "0"),
        "container": (".dockerenv", ""),
    }
    name, content = files[rule]
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(content)
    assert namespace_rules.looked_up(tmp_path) == NamespaceRules(**{rule: True})


@trouble("a container is not the machine")
def test_our_compose_file_allows_all_that_the_sandbox_needs() -> None:
    words = because("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", NamespaceRules())
    compose = (ROOT / "deploy/compose.yaml").read_text()
    needed = [word for word in words.strip("`.").split() if word.endswith("=unconfined")]
    assert len(needed) == 3
    assert [word for word in needed if f'"{word}"' not in compose] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide parts of /proc")
@trouble("a container is not the machine")
def test_hidden_parts_of_proc_are_told_with_the_options_of_the_real_run() -> None:
    """A simpler command line, without --proc, works there: only the real options show what is missing."""
    hide = 'mount -t tmpfs none /proc/irq && exec "$@"'
    done = subprocess.run(
        ["unshare", "-m", "/bin/bash", "-c", hide, "bash", sys.executable, "-I", "-c", program_checks.BATTERY, ROOT],
        capture_output=True, text=True, check=False, timeout=120, cwd="/",
    )  # fmt: skip
    assert done.returncode == 1
    assert "this container hides parts of /proc. Start it with `--security-opt" in done.stderr

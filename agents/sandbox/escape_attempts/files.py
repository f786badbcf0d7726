"""Attempts on files: outside the workspace, other tasks, programs, devices."""
# Plain calls, as an attacker writes them:
# ruff: noqa: PTH108, PTH110, PTH116, PTH123, PTH208

import os
import stat
import sys
import tempfile
from pathlib import Path

from agents.sandbox.escape_attempts.basics import FACTS, attempt, opens_file, takes_a_file, writes


@attempt
def read_a_file_outside() -> bool:
    return "canary" in open(FACTS["secret"]).read()


@attempt
def see_a_file_outside() -> bool:
    return os.stat(FACTS["secret"]).st_size > 0


@attempt
def overwrite_a_file_outside() -> bool:
    return writes(FACTS["victim"])


@attempt
def make_a_file_outside() -> bool:
    return writes(f"{FACTS['open_folder']}/planted")


@attempt
def list_the_hosts_home() -> bool:
    return bool(os.listdir(str(FACTS["home"])))


@attempt
def read_through_a_link() -> bool:
    with tempfile.TemporaryDirectory() as place:
        link = Path(place) / "l"
        link.symlink_to(FACTS["secret"])
        return "canary" in link.read_text()


@attempt
def link_a_file_in() -> bool:
    name = f"hard-{os.getpid()}"
    os.link(FACTS["victim"], name)
    os.unlink(name)
    return True


@attempt
def read_through_the_roots_of_processes() -> bool:
    roots = [p for p in os.listdir("/proc") if p.isdigit()]
    return any(os.path.exists(f"/proc/{p}/root{FACTS['secret']}") for p in roots)


@attempt
def read_another_tasks_workspace() -> bool:
    return any(os.path.exists(p) for p in (f"{FACTS['home']}/workspaces/other", "/workspace/../workspaces/other"))


@attempt
def read_the_journal() -> bool:
    return os.path.exists(f"{FACTS['home']}/journal.db") or os.path.exists("/workspace/../journal.db")


@attempt
def write_programs() -> bool:
    return takes_a_file("/usr/bin")


@attempt
def write_the_interpreter() -> bool:
    return takes_a_file(sys.prefix)


@attempt
def write_the_root() -> bool:
    return takes_a_file("/")


@attempt
def read_password_hashes() -> bool:
    return opens_file("/etc/shadow", os.O_RDONLY)


@attempt
def use_a_disk_device() -> bool:
    return any(os.access(f"/dev/{d}", os.R_OK) for d in ("sda", "vda", "mem", "kmem", "kmsg", "port"))


@attempt
def make_a_device() -> bool:
    os.mknod("dev-planted", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    os.unlink("dev-planted")
    return True


@attempt
def change_kernel_settings() -> bool:
    return any(opens_file(p, os.O_WRONLY) for p in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"))


@attempt
def write_to_cgroups() -> bool:
    return any(os.access(p, os.W_OK) for p in ("/sys/fs/cgroup", "/sys/kernel"))

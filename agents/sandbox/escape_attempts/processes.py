"""Attempts on other processes of the same user: the bait's, and process 1 inside."""
# Plain calls, as an attacker writes them:
# ruff: noqa: PTH110, PTH123

import os

from agents.sandbox.escape_attempts.basics import FACTS, attempt, reaches


@attempt
def see_a_process_of_the_host() -> bool:
    return "canary" in open(f"/proc/{FACTS['pid']}/cmdline").read()


@attempt
def read_the_environment_of_others() -> bool:
    return any("canary" in environment(p) for p in (FACTS["pid"], 1))


def environment(pid: int) -> str:
    try:
        return open(f"/proc/{pid}/environ").read()
    except OSError:
        return ""


@attempt
def read_host_paths_in_command_lines() -> bool:
    return FACTS["home"] in open("/proc/1/cmdline").read()


@attempt
def signal_a_process_of_the_host() -> bool:
    os.kill(FACTS["pid"], 0)
    return "canary" in open(f"/proc/{FACTS['pid']}/cmdline").read()


@attempt
def trace_a_process() -> bool:
    return reaches(101, 117, 16, FACTS["pid"], 0, 0)


@attempt
def read_a_process_memory() -> bool:
    return reaches(310, 270, FACTS["pid"], None, 0, None, 0, 0)


@attempt
def steal_a_descriptor() -> bool:
    return reaches(438, 438, 0, 0, 0)


@attempt
def inherit_descriptors() -> bool:
    return any(os.path.exists(f"/proc/self/fd/{n}") and os.get_inheritable(n) for n in range(3, 64))

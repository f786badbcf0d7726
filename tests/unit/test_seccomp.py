"""The system call filter, run by a small machine for both kinds of processors."""

import struct

import pytest

from agents.sandbox import seccomp

ALLOW, KILL, EPERM, ENOSYS, NO_FAMILY = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x50061
ARCH: dict[seccomp.Machine, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS: dict[seccomp.Machine, dict[str, int]] = {
    "x86_64": {"read": 0, "clone": 56, "ioctl": 16, "socket": 41, "socketpair": 53, "execve": 59, "openat2": 437},
    "aarch64": {"read": 63, "clone": 220, "ioctl": 29, "socket": 198, "socketpair": 199, "execve": 221, "openat2": 437},
}
MACHINES: tuple[seccomp.Machine, ...] = ("x86_64", "aarch64")


def verdict(machine: seccomp.Machine, number: int, first: int = 0, second: int = 0, *, arch: int | None = None) -> int:
    """What the kernel would do with that call."""
    call = struct.pack("=iIQ6Q", number, ARCH[machine] if arch is None else arch, 0, first, second, 0, 0, 0, 0)[:]
    steps = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    at, loaded = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            loaded = struct.unpack_from("=I", call, value)[0]
        else:
            hit = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
            at += yes if hit else no


@pytest.mark.parametrize("machine", MACHINES)
def test_every_denied_call_is_refused_and_ordinary_ones_pass(machine: seccomp.Machine) -> None:
    assert {verdict(machine, number) for number in seccomp.denied(machine)} == {EPERM}
    numbers = NUMBERS[machine]
    assert {verdict(machine, numbers[name]) for name in ("read", "execve", "openat2")} == {ALLOW}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_process_may_be_cloned_but_no_namespace(machine: seccomp.Machine) -> None:
    clone = NUMBERS[machine]["clone"]
    assert verdict(machine, clone, 0x3D0F00) == ALLOW  # what a thread is made with
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, clone, flag | 17) == EPERM
    assert verdict(machine, 435) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_only_four_families_of_sockets_can_be_made(machine: seccomp.Machine) -> None:
    for name in ("socket", "socketpair"):
        allowed = {family for family in range(50) if verdict(machine, NUMBERS[machine][name], family) == ALLOW}
        assert allowed == {1, 2, 10, 16}
        assert verdict(machine, NUMBERS[machine][name], 40) == NO_FAMILY


@pytest.mark.parametrize("machine", MACHINES)
def test_typing_into_a_terminal_is_refused_also_with_high_bits_set(machine: seccomp.Machine) -> None:
    ioctl = NUMBERS[machine]["ioctl"]
    for request in (0x5412, 0x541C):
        assert verdict(machine, ioctl, 0, request) == EPERM
        assert verdict(machine, ioctl, 0, request | 1 << 40) == EPERM
    assert verdict(machine, ioctl, 0, 0x5413) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_kill_the_process(machine: seccomp.Machine) -> None:
    assert verdict(machine, 0, arch=0x40000003) == KILL


def test_the_x32_door_is_closed() -> None:
    assert verdict("x86_64", 0x40000000 | 39) == EPERM

"""Builds the filter of forbidden system calls as a BPF program for the kernel. Pure.

Refuses: creating namespaces and mounts, inspecting other processes, loading code into the kernel, key rings, io_uring
(it bypasses this filter), unusual socket families, and typing into a terminal. Everything else is allowed.
"""

import errno
import struct
from functools import cache
from typing import Literal, NamedTuple, get_args

Machine = Literal["x86_64", "aarch64"]

# fmt: off
_BOTH = {  # one number on both machines
    "pidfd_getfd": 438, "process_madvise": 440, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442, "quotactl_fd": 443, "statmount": 457, "listmount": 458, "open_tree_attr": 467,
}
_DENIED = {  # name: (x86_64, aarch64)
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "setns": (308, 268), "unshare": (272, 97),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "syslog": (103, 116), "acct": (163, 89),
    "quotactl": (179, 60), "nfsservctl": (180, 42), "lookup_dcookie": (212, 18),
}
_ONLY_X86 = {"iopl": 172, "ioperm": 173, "modify_ldt": 154, "uselib": 134, "create_module": 174, "get_kernel_syms": 177,
             "query_module": 178, "_sysctl": 156, "ustat": 136, "sysfs": 139}
# fmt: on


class _Numbers(NamedTuple):
    audit: int
    clone: int
    ioctl: int
    socket: int
    socketpair: int


_NUMBERS: dict[Machine, _Numbers] = {
    "x86_64": _Numbers(audit=0xC000003E, clone=56, ioctl=16, socket=41, socketpair=53),
    "aarch64": _Numbers(audit=0xC00000B7, clone=220, ioctl=29, socket=198, socketpair=199),
}
_CLONE3 = 435
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* that clone can make
_TERMINAL_TRICKS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink (empty in our own network namespace)

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24  # offsets in struct seccomp_data; the low halves of the arguments
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


@cache
def program(machine: Machine) -> bytes:
    """Returns the filter as `struct sock_filter[]`."""
    numbers = _NUMBERS[machine]
    code = [*_load(_ARCH), *_if(_JUMP_EQUAL, numbers.audit, otherwise=_return(_KILL)), *_load(_NUMBER)]
    if machine == "x86_64":
        code += _if(_JUMP_AT_LEAST, _X32, then=_return(_ERRNO | errno.EPERM))
    for number in denied(machine):
        code += _if(_JUMP_EQUAL, number, then=_return(_ERRNO | errno.EPERM))
    # glibc falls back to clone, whose flags a filter can see
    code += _if(_JUMP_EQUAL, _CLONE3, then=_return(_ERRNO | errno.ENOSYS))
    code += _if(_JUMP_EQUAL, numbers.clone, then=[*_load(_ARG0), *_bits(_NEW_NAMESPACES)])
    tricks = [
        step for trick in _TERMINAL_TRICKS for step in _if(_JUMP_EQUAL, trick, then=_return(_ERRNO | errno.EPERM))
    ]
    code += _if(_JUMP_EQUAL, numbers.ioctl, then=[*_load(_ARG1), *tricks, *_return(_ALLOW)])
    families = [step for family in _FAMILIES for step in _if(_JUMP_EQUAL, family, then=_return(_ALLOW))]
    for number in (numbers.socket, numbers.socketpair):
        code += _if(_JUMP_EQUAL, number, then=[*_load(_ARG0), *families, *_return(_ERRNO | errno.EAFNOSUPPORT)])
    code += _return(_ALLOW)
    return b"".join(code)


def denied(machine: Machine) -> tuple[int, ...]:
    """Returns the numbers of calls that are refused regardless of arguments."""
    column = get_args(Machine).index(machine)
    only = tuple(_ONLY_X86.values()) if machine == "x86_64" else ()
    return (*(pair[column] for pair in _DENIED.values()), *_BOTH.values(), *only)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _load(offset: int) -> list[bytes]:
    return [_step(_LOAD, offset)]


def _return(action: int) -> list[bytes]:
    return [_step(_RETURN, action)]


def _if(test: int, value: int, *, then: list[bytes] | None = None, otherwise: list[bytes] | None = None) -> list[bytes]:
    """Returns one branch; the code after it runs if the other side is taken."""
    if then is not None:
        return [_step(test, value, no=len(then)), *then]
    other = otherwise or []
    return [_step(test, value, yes=len(other)), *other]


def _bits(mask: int) -> list[bytes]:
    return [*_if(_JUMP_ANY_BIT, mask, then=_return(_ERRNO | errno.EPERM)), *_return(_ALLOW)]

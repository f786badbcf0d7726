"""Attempts to get out of a sandbox. Runs inside, alone, with FACTS put in front; prints which ones worked, as JSON.

Nothing of ours is imported: the text of this file is handed to a sandboxed interpreter, and to a bare one as control.
"""
# Plain calls, as an attacker writes them:
# ruff: noqa: PTH108, PTH109, PTH110, PTH116, PTH123, PTH208

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

FACTS = globals().get("FACTS", {})
X86 = os.uname().machine == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER = 0x10000000
ATTEMPTS = {}


def attempt(function):
    ATTEMPTS[function.__name__] = function
    return function


def call(x86, arm, *args):
    """A system call by its number; True when it worked."""
    return LIBC.syscall(x86 if X86 else arm, *args) >= 0


def reaches(x86, arm, *args):
    """True when the kernel looked at the arguments instead of refusing the call."""
    return call(x86, arm, *args) or ctypes.get_errno() not in (1, 38)  # EPERM, ENOSYS


def writes(path, mode="w"):
    with open(path, mode) as stream:
        stream.write("x")
    return True


def opens(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as client:
        client.settimeout(1)
        client.connect(address)
        client.send(b"x")
        return client.recv(1) == b"y"


def made(family, kind=socket.SOCK_DGRAM):
    socket.socket(family, kind).close()
    return True


# files
@attempt
def read_a_file_outside():
    return "canary" in open(FACTS["secret"]).read()


@attempt
def see_a_file_outside():
    return os.stat(FACTS["secret"]).st_size > 0


@attempt
def overwrite_a_file_outside():
    return writes(FACTS["victim"])


@attempt
def make_a_file_outside():
    return writes(f"{FACTS['open_folder']}/planted")


@attempt
def list_the_hosts_home():
    return bool(os.listdir(FACTS["home"]))


@attempt
def read_through_a_link():
    link = Path(tempfile.mkdtemp()) / "l"
    link.symlink_to(FACTS["secret"])
    return "canary" in link.read_text()


@attempt
def link_a_file_in():
    name = f"hard-{os.getpid()}"
    os.link(FACTS["victim"], name)
    os.unlink(name)
    return True


@attempt
def read_through_the_roots_of_processes():
    roots = [p for p in os.listdir("/proc") if p.isdigit()]
    return any(os.path.exists(f"/proc/{p}/root{FACTS['secret']}") for p in roots)


@attempt
def read_another_tasks_workspace():
    return any(os.path.exists(p) for p in (f"{FACTS['home']}/workspaces/other", "/workspace/../workspaces/other"))


@attempt
def read_the_journal():
    return os.path.exists(f"{FACTS['home']}/journal.db") or os.path.exists("/workspace/../journal.db")


@attempt
def write_programs():
    return writes("/usr/bin/threadwork-planted")


@attempt
def write_the_interpreter():
    return writes(f"{sys.prefix}/planted")


@attempt
def write_the_root():
    return writes("/planted")


@attempt
def read_password_hashes():
    return "$" in open("/etc/shadow").read()


@attempt
def use_a_disk_device():
    return any(os.access(f"/dev/{d}", os.R_OK) for d in ("sda", "vda", "mem", "kmem", "kmsg", "port"))


@attempt
def make_a_device():
    os.mknod("dev-planted", 0o600 | 0o020000, os.makedev(1, 1))
    return True


@attempt
def change_kernel_settings():
    return writes("/proc/sys/kernel/core_pattern") or writes("/proc/sysrq-trigger")


@attempt
def write_to_cgroups():
    return any(os.access(p, os.W_OK) for p in ("/sys/fs/cgroup", "/sys/kernel"))


# processes
@attempt
def see_a_process_of_the_host():
    return "canary" in open(f"/proc/{FACTS['pid']}/cmdline").read()


@attempt
def read_the_environment_of_others():
    return any("canary" in environment(p) for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid())


def environment(pid):
    try:
        return open(f"/proc/{pid}/environ").read()
    except OSError:
        return ""


@attempt
def read_host_paths_in_command_lines():
    return FACTS["home"] in open("/proc/1/cmdline").read()


@attempt
def signal_a_process_of_the_host():
    os.kill(FACTS["pid"], 0)
    return "canary" in open(f"/proc/{FACTS['pid']}/cmdline").read()


@attempt
def trace_a_process():
    return reaches(101, 117, 16, FACTS["pid"], 0, 0)


@attempt
def read_a_process_memory():
    return reaches(310, 270, FACTS["pid"], None, 0, None, 0, 0)


@attempt
def steal_a_descriptor():
    return reaches(438, 438, 0, 0, 0)


@attempt
def inherit_descriptors():
    return any(os.path.exists(f"/proc/self/fd/{n}") and os.get_inheritable(n) for n in range(3, 64))


# network
@attempt
def connect_to_loopback():
    return opens(socket.AF_INET, ("127.0.0.1", FACTS["tcp"]))


@attempt
def connect_to_loopback_6():
    return opens(socket.AF_INET6, ("::1", FACTS["tcp6"]))


@attempt
def send_a_datagram():
    return opens(socket.AF_INET, ("127.0.0.1", FACTS["udp"]), socket.SOCK_DGRAM)


@attempt
def connect_to_a_socket_file():
    return opens(socket.AF_UNIX, FACTS["unix"])


@attempt
def connect_to_an_abstract_socket():
    return opens(socket.AF_UNIX, "\0" + FACTS["abstract"])


@attempt
def find_a_way_out():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("192.0.2.1", 53))
        return True


@attempt
def see_network_devices():
    return len(socket.if_nameindex()) > 1


@attempt
def make_a_raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return True


@attempt
def make_a_packet_socket():
    return made(17, socket.SOCK_RAW)


@attempt
def make_a_vsock():
    return made(40, socket.SOCK_STREAM)


@attempt
def make_a_crypto_socket():
    return made(38, 5)


# the kernel
@attempt
def unshare_a_user_namespace():
    return call(272, 97, NEW_USER)


@attempt
def clone_a_user_namespace():
    pid = LIBC.syscall(56 if X86 else 220, NEW_USER | signal.SIGCHLD, None, None, None, None)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
    return pid > 0


@attempt
def clone3_a_user_namespace():
    arguments = struct.pack("<8Q", NEW_USER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = LIBC.syscall(435, ctypes.c_char_p(arguments), len(arguments))
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
    return pid > 0


@attempt
def unshare_with_a_program():
    done = subprocess.run(["unshare", "-Ur", "true"], stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@attempt
def join_a_namespace():
    return reaches(308, 268, -1, 0)


@attempt
def mount():
    return reaches(165, 40, b"none", b"/tmp", b"tmpfs", 0, None)


@attempt
def mount_the_new_way():
    return reaches(430, 430, b"tmpfs", 0)


@attempt
def unmount():
    return reaches(166, 39, b"/workspace", 2)


@attempt
def change_the_root():
    return reaches(161, 51, b"/tmp")


@attempt
def use_io_uring():
    return reaches(425, 425, 4, None)


@attempt
def use_bpf():
    return reaches(321, 280, 0, None, 0)


@attempt
def use_key_rings():
    return reaches(250, 219, 0, -3, 0)


@attempt
def add_a_key():
    return reaches(248, 217, b"user", b"x", b"x", 1, -3)


@attempt
def count_performance():
    return reaches(298, 241, None, 0, -1, -1, 0)


@attempt
def handle_page_faults():
    return reaches(323, 282, 1)


@attempt
def open_by_handle():
    return reaches(304, 265, -1, None, 0)


@attempt
def load_a_module():
    return reaches(313, 273, -1, b"", 0)


@attempt
def load_a_kernel():
    return reaches(246, 104, 0, 0, None, 0)


@attempt
def read_the_kernels_log():
    return reaches(103, 116, 3, None, 0)


@attempt
def type_into_a_terminal():
    return LIBC.ioctl(0, 0x5412, b"x") >= 0 or ctypes.get_errno() != 1


@attempt
def call_in_the_x32_way():
    return X86 and call(0x40000000 + 39, 0)


@attempt
def become_root():
    os.setuid(0)
    return True


@attempt
def have_capabilities():
    return any(
        int(line.split()[1], 16)
        for line in open("/proc/self/status")
        if line.startswith(("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh"))
    )


@attempt
def gain_privileges_by_a_program():
    return "NoNewPrivs:\t0" in open("/proc/self/status").read()


@attempt
def rename_the_machine():
    socket.sethostname("planted")
    return True


@attempt
def guess_the_hosts_name():
    return os.uname().nodename != "sandbox"


@attempt
def see_the_hosts_users():
    return len(open("/etc/passwd").readlines()) > 5


# limits
@attempt
def raise_a_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard + 1))
    return True


@attempt
def dump_core():
    return resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


@attempt
def take_much_memory():
    mmap.mmap(-1, 8 << 30).close()
    return True


@attempt
def make_a_huge_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with tempfile.TemporaryFile(dir=os.getcwd()) as stream:
        stream.truncate(64 << 30)
    return True


@attempt
def open_many_files():
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(600)]
    for fd in kept:
        os.close(fd)
    return True


@attempt
def start_many_processes():
    children = []
    try:
        for _ in range(400):
            pid = os.fork()
            if pid == 0:
                signal.pause()
            children.append(pid)
        return True
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@attempt
def fill_the_private_memory_disk():
    if not FACTS["heavy"]:  # the control only looks whether there would be room
        rooms = [os.statvfs(place) for place in ("/tmp", "/dev/shm")]
        return any(room.f_bavail * room.f_frsize > 600 << 20 for room in rooms)
    piece = b"x" * (1 << 20)
    for place in ("/tmp/x", "/dev/shm/x"):
        try:
            with open(place, "wb") as stream:
                for _ in range(600):
                    stream.write(piece)
            return True
        except OSError:
            continue
        finally:
            os.unlink(place)
    return False


def worked(function):
    """In a process of its own: what one changes about itself must not help or hinder the next."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        try:
            os._exit(0 if function() else 1)
        except BaseException:  # noqa: BLE001 - whatever stopped it, it did not get out
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


if __name__ == "__main__":
    print("BATTERY " + json.dumps({name: worked(function) for name, function in ATTEMPTS.items()}))

"""Memory: what a program reserves is not what it uses, and what it uses is bounded."""

import resource
import shutil
import subprocess
import sys

import pytest

from agents.sandbox.bubblewrap import limiting
from agents.sandbox.limits import SandboxLimits
from tests.world.machines.troubles import trouble

NODE = shutil.which("node")
WASM = """
const page = new WebAssembly.Memory({initial: 1, maximum: 65536});
const lists = Array.from({length: 100}, (_, n) => new Array(10000).fill(n));
console.log(page.buffer.byteLength, lists.length, "fine");
"""


def limited(*command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with the limits that it has in the sandbox, and without the rest of the sandbox.

    Out here, the limit of processes would count all that the same person runs; inside, a namespace counts its own.
    """
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    limits = SandboxLimits(processes=100_000 if most == resource.RLIM_INFINITY else most)
    script = limiting(limits, 60).decode()
    return subprocess.run(
        ["/bin/bash", "-c", f'{script}exec "$@"', "bash", *command],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@trouble("address space is not memory")
def test_node_and_webassembly_run_within_the_limits() -> None:
    done = limited(str(NODE), "-e", WASM)
    assert done.stdout == "65536 100 fine\n", done.stderr


@trouble("address space is not memory")
def test_a_program_may_reserve_far_more_than_it_uses() -> None:
    """As node does for WebAssembly, Java for its heap, and Go for its arenas: mapped without any right to use it."""
    reserve = "import ctypes; c = ctypes.CDLL(None, use_errno=True); c.mmap.restype = ctypes.c_void_p; "
    done = limited(
        sys.executable, "-c", f"{reserve}print(c.mmap(None, ctypes.c_size_t(64 << 30), 0, 0x4022, -1, 0) != 2**64 - 1)"
    )
    assert done.stdout == "True\n", done.stderr


@trouble("memory runs out")
def test_what_a_program_uses_is_bounded() -> None:
    done = limited(sys.executable, "-c", "kept = bytearray(4 << 30)")
    assert "MemoryError" in done.stderr


@trouble("memory runs out")
def test_the_kernel_ends_a_sandboxed_program_before_the_hub() -> None:
    done = limited("/bin/cat", "/proc/self/oom_score_adj")
    assert done.stdout == "1000\n"

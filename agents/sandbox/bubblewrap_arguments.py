"""Builds bubblewrap's arguments: what sandboxed code sees of the machine.

Programs and the host's own Python read-only, a private /tmp, the one workspace writable. No mount point is ever below
the workspace: a link planted there could redirect it outside (CVE-2026-87766).
"""

from collections.abc import Mapping
from pathlib import Path

from agents.egress.bridge import PORT
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.python_mounts import PythonMounts
from agents.sandbox.sandbox_interface import FOLDERS, INSIDE, Job
from orchestrator.domain import skills

_ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "fonts",
    "localtime",
    "mime.types",
    "magic",
    "ssl/certs",
    "ssl/openssl.cnf",
    "pki/tls/certs",
    "pki/ca-trust/extracted",
)
# fmt: off
_FIXED = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--cap-drop", "ALL",
    "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv",
)
# fmt: on
PROXY = "/run/proxy"
CHARTS = "/tmp/matplotlib"
"""Where matplotlib keeps its font list inside. It needs a writable folder, so the list is mounted as a file."""
_GIT = (("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"))  # what a repository says about them is ignored
INVENTED: dict[str, bytes] = {
    "/etc/passwd": b"root:x:0:0:root:/nonexistent:/bin/false\nsandbox:x:1000:1000:sandbox:/tmp:/bin/bash\n",
    "/etc/group": b"root:x:0:\nsandbox:x:1000:\n",
    "/etc/hosts": b"127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
    "/etc/gitconfig": b"[user]\nname = threadwork\nemail = threadwork@localhost\n[safe]\ndirectory = *\n"
    b"[init]\ndefaultBranch = main\n[advice]\ndefaultBranchName = false\n",
}


def arguments(
    job: Job, limits: SandboxLimits, *, python: PythonMounts, seccomp: int, content: Mapping[str, int]
) -> list[str]:
    """Returns bubblewrap's options. `content`: descriptors of files that appear read-only at a path inside."""
    options = [*_FIXED, *_environment(job, python), *_programs(), *python.options, "--proc", "/proc", "--dev", "/dev"]
    scratch = ["--size", str(limits.scratch), "--tmpfs"]
    options += [*scratch, "/tmp", *scratch, "/dev/shm", "--remount-ro", "/dev"]
    for path, fd in content.items():
        options += ["--ro-bind-data", str(fd), path]
    for name, folder in job.folders.items():
        options += ["--ro-bind", str(folder), f"{FOLDERS}/{name}"]
    for name, folder in job.skills.items():
        options += ["--ro-bind", str(folder), f"{skills.INSIDE}/{name}"]
    if job.egress:
        options += ["--ro-bind", str(job.egress), PROXY]
    options += ["--bind", str(job.folder), INSIDE, "--chdir", INSIDE, "--remount-ro", "/", "--seccomp", str(seccomp)]
    return options


def check(options: list[str]) -> None:
    """Raises ValueError if a mount point is below the workspace."""
    for word in options:
        if word.startswith(f"{INSIDE}/"):
            raise ValueError(f"{word!r} would be mounted below {INSIDE!r}, where planted links could redirect it")


def _environment(job: Job, python: PythonMounts) -> list[str]:
    values = {
        "PATH": ":".join([*python.folders, "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": CHARTS,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": INSIDE,
        "OPENBLAS_NUM_THREADS": "2",  # its buffers count against the memory limit, per thread
        "OMP_NUM_THREADS": "2",
        **{f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in enumerate(_GIT)},
        **{f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(_GIT)},
        "GIT_CONFIG_COUNT": str(len(_GIT)),
        "GIT_TERMINAL_PROMPT": "0",
        **python.variables,
    }
    if job.egress:
        values |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), f"http://127.0.0.1:{PORT}")
        values |= dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1,::1")
    return [word for name, value in values.items() for word in ("--setenv", name, value)]


def _programs() -> list[str]:
    options = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        place = Path("/") / name
        if place.is_symlink():
            options += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            options += ["--ro-bind", str(place), str(place)]
    for name in _ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return options

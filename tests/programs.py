"""Programs that a test starts. None outlives it: a test that fails must not wait for a program that runs on."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

_HEARS_CTRL_C = ("/usr/bin/env", "--default-signal=INT")
"""A shell starts what runs in the background with SIGINT ignored, and so would be all that the tests start."""


@contextmanager
def running(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, reads: bool = True
) -> Iterator[subprocess.Popen[str]]:
    """The program, its output a pipe of text if the test `reads` it. On leaving, it's waited for; after a failure in
    the test, or after a minute, it's killed."""
    out = subprocess.PIPE if reads else None
    with subprocess.Popen(
        [*_HEARS_CTRL_C, *command], stdin=subprocess.DEVNULL, stdout=out, text=True, env=env
    ) as process:
        try:
            yield process
            process.wait(60)
        finally:
            process.kill()

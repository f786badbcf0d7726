"""A developer's work in the sandbox: clone, run tests, mend, hand in a patch."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from orchestrator.domain.deliverables import Check, Inspection
from tests.scenarios.data_workspace import Bench, bench

pytestmark = pytest.mark.asyncio(loop_scope="module")
_ORIGIN = """
set -e
rm -rf origin project && git init -q origin && cd origin
printf 'def price(seats):\\n    return seats * 10 + 1\\n' > price.py
printf 'from price import price\\n\\n\\ndef test_price():\\n    assert price(2) == 20\\n' > test_price.py
printf '#!/bin/sh\\ntouch /workspace/hooked\\n' > .git/hooks/post-checkout
chmod +x .git/hooks/post-checkout
git add -A && git commit -q -m 'First version'
git bundle create -q ../attached.bundle main
"""
_TEST = "cd project && python -B -c 'import test_price; test_price.test_price()' && echo green"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk() -> AsyncIterator[Bench]:
    async with bench() as one:
        yield one


async def cloned(desk: Bench) -> None:
    await desk.told("run_shell", command=_ORIGIN)
    await desk.told("run_shell", command="git clone -q attached.bundle project && rm -rf origin")


async def applies(desk: Bench, path: str) -> Check:
    inspection: dict[str, Any] = {"path": path}
    found = Inspection.model_validate_json(await desk.told("inspect_deliverable", **inspection))
    return next(c for c in found.checks if c.name == "applies")


async def test_a_failing_test_is_mended_and_handed_in_as_a_patch(desk: Bench) -> None:
    await cloned(desk)
    assert "AssertionError" in (await desk.call("run_shell", command=_TEST)).text

    await desk.told("edit_file", path="project/price.py", old="seats * 10 + 1", new="seats * 10")
    assert "green" in await desk.told("run_shell", command=_TEST)
    await desk.told("run_shell", command="cd project && git checkout -q -b mend && git commit -qam 'Prices are right'")
    await desk.told("write_file", path="project/NOTES.md", content="not committed yet\n")
    words = await desk.told("make_patch", save_as="out/price.patch", folder="project")

    assert "2 files changed, 2 insertions(+), 1 deletion(-)" in words
    assert "+1 -0  NOTES.md" in words
    assert "applies to " in words and '"First version"' in words
    patch = (desk.folder / "out/price.patch").read_text()
    assert patch.startswith("# Prices are right\nbase-commit: ")
    assert (await applies(desk, "out/price.patch")).ok
    again = "git clone -q attached.bundle again && cd again && git apply ../out/price.patch && git status --short"
    assert "price.py" in await desk.told("run_shell", command=again)
    assert not (desk.folder / "hooked").exists()
    assert "NOTES.md" in await desk.told("run_shell", command="cd project && git status --short")


async def test_a_patch_that_does_not_apply_is_not_let_through(desk: Bench) -> None:
    await cloned(desk)
    bad = "--- a/price.py\n+++ b/price.py\n@@ -1,2 +1,2 @@\n def cost(seats):\n-    return 7\n+    return 8\n"
    desk.put("bad.patch", f"repository: project\n---\n{bad}")
    found = await applies(desk, "bad.patch")
    assert not found.ok
    assert "doesn't apply to 'project' (error: patch failed: price.py:1); run make_patch again" in found.words


REFUSED = {
    "no repository": ({"save_as": "x.patch"}, "'.' isn't a git repository. Clone one or run 'git init' with run_shell"),
    "no folder": ({"save_as": "x.patch", "folder": "nowhere"}, "There's no folder 'nowhere'"),
    "outside": ({"save_as": "x.patch", "folder": "../etc"}, "outside the workspace"),
    "nothing changed": ({"save_as": "x.patch", "folder": "project"}, "Nothing differs from the base"),
    "no such base": ({"save_as": "x.patch", "folder": "project", "base": "mian"}, "branch 'mian'. Available: main"),
    "an option as base": ({"save_as": "x.patch", "folder": "project", "base": "--exec=x"}, "isn't a commit or branch"),
    "another kind": ({"save_as": "x.txt", "folder": "project"}, "doesn't end in '.patch'"),
    "no commit": ({"save_as": "x.patch", "folder": "young"}, "has no commit yet"),
}  # fmt: skip


async def test_each_way_to_have_no_patch_is_one_sentence(desk: Bench) -> None:
    await cloned(desk)
    await desk.told("run_shell", command="git init -q young")
    for args, words in REFUSED.values():
        said = await desk.refused("make_patch", **args)
        assert words in said
        assert "\n" not in said
        assert not (desk.folder / "x.patch").exists()

"""What agents' prompts cost in tokens (o200k): the first turn of a usual step of each agent, and the turns after it."""

import asyncio
import tempfile
from pathlib import Path

from agents.skills.skill_folders import shipped_root
from tests.prompt_tokens import TURNS, encoder, prompt_tokens, tools_tokens, usual_step

BEFORE = {"analyst": 15_377, "browser": 4_240, "developer": 4_005, "document": 15_722}
"""Of the tools alone, on every turn, when prompts showed all of them."""


def report() -> None:
    """Prints the figures."""
    count = encoder()
    print("prompts of a usual step, in tokens (o200k); the tools' part in brackets")
    for agent, turns in TURNS.items():
        with tempfile.TemporaryDirectory() as folder:
            prompts = asyncio.run(usual_step(Path(folder), agent, turns))
            skilled = asyncio.run(usual_step(Path(folder) / "skilled", agent, turns, shipped=shipped_root()))
        first, *later = [f"{prompt_tokens(count, p):,} ({tools_tokens(count, p.tools):,})" for p in prompts]
        whole = tools_tokens(count, (*prompts[0].tools, *prompts[0].unopened))
        print(f"  {agent:<10}first {first}; then {', '.join(later)}")
        print(f"            first with the shipped skills listed {prompt_tokens(count, skilled[0]):,}")
        print(f"            tools with every family open {whole:,}; before there were families {BEFORE[agent]:,}")


if __name__ == "__main__":
    report()

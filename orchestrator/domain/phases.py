"""The phases of a task. Pure."""

from typing import Literal

Phase = Literal["planning", "stuck", "review", "running", "paused", "done", "answered", "stopped"]
"""`stuck`: planning gave up and waits for a person. `review`: the plan waits for *Start*. The last three are final."""

FINAL: frozenset[Phase] = frozenset({"done", "answered", "stopped"})

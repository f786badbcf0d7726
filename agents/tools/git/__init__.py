"""Makes and tries patches of a repository in the sandbox; the host itself never runs git."""

from agents.tools.git.patch_check import with_patches
from agents.tools.git.tools import tools

__all__ = ["tools", "with_patches"]

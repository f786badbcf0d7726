"""What one command in the sandbox may use. Pure."""

from pydantic import Field

from orchestrator.domain.base_value import Value


class SandboxLimits(Value):
    """Limits of one command. Bytes, seconds, counts; memory is per process."""

    seconds: float = Field(default=600, gt=0)
    memory: int = Field(default=3 << 30, gt=0)
    processes: int = Field(default=200, gt=0)
    file_size: int = Field(default=1 << 30, gt=0)
    open_files: int = Field(default=512, gt=0)
    workspace: int = Field(default=4 << 30, gt=0)
    """Bytes on disk of the whole workspace; a command that exceeds it is killed."""
    free: int = Field(default=256 << 20, ge=0)
    """Bytes that must stay free on the disk."""
    scratch: int = Field(default=256 << 20, gt=0)
    """Bytes of the private /tmp, which is memory."""
    upload: int = Field(default=20 << 20, ge=0)
    """Bytes that one command with a network may send."""
    background: float = Field(default=4 * 3600, gt=0)
    """Seconds that a command may run in the background."""

"""Code that runs in the sandbox: it sees the workspace and Python's libraries, and imports nothing of ours but
itself."""

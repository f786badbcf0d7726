"""What browser logins are sealed with. The hub keeps it and tells the host in its first frame."""

import contextlib
import os
from secrets import token_hex

from bot.config.settings import Settings
from orchestrator.errors import BadSettings
from orchestrator.private_files import passable_folder

FILE = "login.key"


def login_key(settings: Settings) -> str:
    """The setting, else what a file of the hub's own holds, which is made once. Blocks.

    Raises BadSettings when that file is damaged.
    """
    if settings.browser.login_key:
        return settings.browser.login_key.get_secret_value()
    passable_folder(settings.home)
    file = settings.home / FILE
    draft = file.with_name(f"{FILE}.{token_hex(4)}")
    if not file.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(token_hex(32))
        with contextlib.suppress(FileExistsError):  # another command was quicker
            os.link(draft, file)
        draft.unlink()
    found = file.read_text("utf-8", errors="replace").strip()
    if len(found) < 32:
        raise BadSettings(f"The file {str(file)!r} is damaged; delete it, and browser logins are made again.")
    return found

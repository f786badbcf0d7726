"""Provides the key that encrypts browser logins. The hub keeps it and sends it to the host in the first frame."""

from secrets import token_hex

from bot.config.settings import Settings
from orchestrator.errors import BadSettings
from orchestrator.private_files import kept_secret, passable_folder

FILE = "login.key"


def login_key(settings: Settings) -> str:
    """Returns the setting, else the content of the hub's own file, which is created once. Blocks.

    Raises BadSettings if that file is damaged.
    """
    if settings.browser.login_key:
        return settings.browser.login_key.get_secret_value()
    passable_folder(settings.home)
    file = settings.home / FILE
    found = kept_secret(file, lambda: token_hex(32).encode()).decode(errors="replace").strip()
    if len(found) < 32:
        raise BadSettings(
            f"The file {str(file)!r} is damaged. Delete it; browser logins will have to be created again."
        )
    return found

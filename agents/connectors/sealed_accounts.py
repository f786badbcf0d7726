"""Keeps accounts at connectors' services, each in its own encrypted file with a lock file next to it."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from agents.connectors.account import Account
from agents.encrypted_file_store import UnreadableFile, Vault, locked
from orchestrator.domain.ids import digest
from orchestrator.errors import BadSettings

_KEY = re.compile(r"[0-9a-f]{8,64}")


def account_key(connector: str, url: str, person: str = "") -> str:
    """Returns the name of an account's file. `person`: whose personal account it is.

    With the address in it, a connector whose address was changed can't send the old tokens there.
    """
    return digest("account", connector, url, person)


class SealedAccounts:
    """The accounts of all hubs that share this home.

    The lock is a file beside the tokens, not a row in the database: it protects the file, hubs with other databases may
    share the home, and the system frees it if a hub dies.
    """

    def __init__(self, home: Path, key: str) -> None:
        """`home`: the connectors' folder. `key`: the one that encrypts browser logins."""
        self._folder, self._vault = home / "accounts", Vault(home, key)

    def read(self, key: str) -> Account:
        """Returns the account; an empty one if there is none. Raises BadSettings if it can't be decrypted. Blocks."""
        file = self._file(key)
        try:
            content = self._vault.read(file)
            return Account.model_validate_json(content) if content else Account()
        except (UnreadableFile, ValidationError) as error:
            raise BadSettings(
                f"The sign-in in {str(file)!r} is damaged or was encrypted with another key. Delete the file and sign "
                "in again."
            ) from error

    def write(self, key: str, account: Account) -> None:
        """Replaces the account. Hold its lock. Blocks."""
        self._vault.write(self._file(key), account.model_dump_json().encode())

    def forget(self, key: str) -> None:
        """Removes the account. Blocks."""
        self._file(key).unlink(missing_ok=True)

    def forget_all(self, connector: str) -> None:
        """Removes every account of a connector. Blocks."""
        for file in self._folder.glob("*.sealed"):
            with suppress(BadSettings):
                if self.read(file.stem).connector == connector:
                    self.forget(file.stem)

    @asynccontextmanager
    async def held(self, key: str) -> AsyncGenerator[None]:
        """Holds the account's lock against other connections, hubs, and processes. Don't cancel what waits for it."""
        file = self._file(key)
        await asyncio.to_thread(self._vault.folder, self._folder)
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, locked(file, self._folder))
            yield

    def _file(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise BadSettings(f"{key[:80]!r} isn't an account.")
        return self._folder / f"{key}.sealed"

"""Keeps the connectors' secrets, encrypted as browser logins are. Nothing here prints them."""

import json
from pathlib import Path

from agents.encrypted_file_store import UnreadableFile, Vault, locked
from orchestrator.errors import BadSettings

FILE = "secrets.sealed"


class SealedSecrets:
    """The secrets of all connectors, by connector and variable. Everything blocks."""

    def __init__(self, home: Path, key: str) -> None:
        """`home`: the connectors' folder. `key`: the one that encrypts browser logins."""
        self._home, self._vault = home, Vault(home, key)

    def of(self, connector: str) -> dict[str, str]:
        """Returns the connector's secrets by variable. Raises BadSettings if they can't be decrypted."""
        return self._read().get(connector, {})

    def add(self, connector: str, secrets: dict[str, str]) -> None:
        """Adds or replaces secrets of a connector."""
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self._home / FILE, self._home):
            kept = self._read()
            self._write(kept | {connector: kept.get(connector, {}) | secrets})

    def forget(self, connector: str) -> None:
        """Removes all secrets of a connector."""
        if (self._home / FILE).exists():
            with locked(self._home / FILE, self._home):
                self._write({name: row for name, row in self._read().items() if name != connector})

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            content = self._vault.read(self._home / FILE)
        except UnreadableFile as error:
            raise BadSettings(
                f"The connectors' secrets in {str(self._home / FILE)!r} are damaged or were encrypted with another "
                "key. Delete the file and add the connectors again."
            ) from error
        return json.loads(content) if content else {}

    def _write(self, secrets: dict[str, dict[str, str]]) -> None:
        self._vault.write(self._home / FILE, json.dumps(secrets).encode())

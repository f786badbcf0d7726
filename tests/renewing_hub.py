"""A hub that renews one account: `python -m tests.renewing_hub HOME CONNECTOR PERSON`, CONNECTOR being JSON.

For each line of its input, a token that the service has just refused, it writes one that works. The line `hold` makes
it take the account's lock for good, and say so.
"""

import asyncio
import sys
from pathlib import Path
from subprocess import PIPE, Popen

from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.settings_file import Connector
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, key_of

KEY = "k" * 32
HOLD = "hold"


class RenewingHub:
    """A process of ours."""

    def __init__(self, home: Path, connector: Connector, person: str) -> None:
        command = [sys.executable, "-m", "tests.renewing_hub", str(home), connector.model_dump_json(), person]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, text=True)
        assert self._read() == "ready"

    def ask(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    async def answer(self) -> str:
        async with asyncio.timeout(60):
            return await asyncio.to_thread(self._read)

    def kill(self) -> None:
        """As the power button does."""
        self._process.kill()
        self._process.communicate()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


async def main(home: Path, connector: Connector, person: str) -> None:
    sealed = SealedAccounts(home, KEY)
    accounts = ConnectorAccounts(sealed)
    await accounts.token(connector, person)  # whatever is slow the first time
    print("ready", flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == HOLD:
            async with sealed.held(key_of(connector, person)):
                print("held", flush=True)
                await asyncio.Event().wait()
        print(await accounts.token(connector, person, refused_token=line), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Connector.model_validate_json(sys.argv[2]), sys.argv[3]))

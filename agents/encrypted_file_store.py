"""Keeps files encrypted with the hub's key (AES-GCM), bound to their path, written atomically."""

import fcntl
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes, token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MARK = b"sealed1\n"
_NONCE = 12


class UnreadableFile(Exception):
    """The file is damaged, was moved, or was encrypted with another key."""


class Vault:
    """The encrypted files below `home`. `key`: any text; it is never stored here."""

    def __init__(self, home: Path, key: str) -> None:
        self.home = home
        self._cipher = AESGCM(hashlib.sha256(f"threadwork browser {key}".encode()).digest())

    def read(self, file: Path) -> bytes | None:
        """Returns the content, or None if there is no file. Raises UnreadableFile."""
        try:
            sealed = file.read_bytes()
        except FileNotFoundError:
            return None
        if not sealed.startswith(_MARK):
            raise UnreadableFile
        nonce, text = sealed[len(_MARK) :][:_NONCE], sealed[len(_MARK) + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, text, self._place(file))
        except (InvalidTag, ValueError) as error:
            raise UnreadableFile from error

    def write(self, file: Path, content: bytes) -> None:
        """Gives the file to the folder's owner only, even if root writes into the host's folder."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = token_bytes(_NONCE)
        sealed = _MARK + nonce + self._cipher.encrypt(nonce, content, self._place(file))
        draft = file.with_name(f"{file.name}.{token_hex(4)}.new")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as stream:
                _give_to_owner(stream.fileno(), self.home)
                stream.write(sealed)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def aside(self, file: Path) -> Path:
        """Moves an unreadable file out of the way, and returns its new path."""
        kept = file.with_name(f"{file.name}.{token_hex(4)}.unreadable")
        file.rename(kept)
        return kept

    def folder(self, folder: Path) -> Path:
        """Returns the folder below `home`, created if missing, for the owner of `home`."""
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.geteuid() == 0:
                for made in (folder, *folder.parents):
                    if not made.is_relative_to(self.home) or made == self.home:
                        break
                    os.chown(made, self.home.stat().st_uid, self.home.stat().st_gid, follow_symlinks=False)
        return folder

    def _place(self, file: Path) -> bytes:
        return str(file.relative_to(self.home)).encode()


@contextmanager
def locked(file: Path, owner: Path) -> Generator[None]:
    """Locks the file against other processes and threads; waits for the lock. Blocks."""
    lock = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _give_to_owner(lock, owner)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _give_to_owner(descriptor: int, folder: Path) -> None:
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)

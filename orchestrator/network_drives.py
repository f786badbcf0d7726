"""Finds out whether a file is on a network drive, where SQLite's locks and shared memory don't hold."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TABLE = Path("/proc/self/mounts")
_KINDS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "glusterfs", "lustre", "beegfs", "gpfs",
    "ocfs2", "gfs2", "orangefs", "davfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.davfs", "fuse.davfs2",
    "fuse.glusterfs", "fuse.ceph", "fuse.gcsfuse", "fuse.goofys", "fuse.mountpoint-s3", "fuse.blobfuse2",
    "fuse.juicefs", "fuse.smbnetfs", "fuse.curlftpfs", "fuse.grpcfuse", "fuse.osxfs",
})  # fmt: skip
_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    place: Path
    kind: str


def network_drive(path: Path) -> str:
    """Returns the kind of network drive that holds the file, e.g. "nfs4"; empty for a local disk. Blocks.

    Also empty where the system has no table of mounts, as on macOS.
    """
    place = path.resolve()  # first: looking at it may mount it
    try:
        table = TABLE.read_text(errors="surrogateescape")
    except OSError:
        return ""
    return kind_at(place, table)


def kind_at(place: Path, table: str) -> str:
    """Returns the same for an absolute path, by the lines of a table of mounts. Pure."""
    around = [mount for mount in _mounts(table) if place.is_relative_to(mount.place)]
    if not around:
        return ""
    deepest = max(len(mount.place.parts) for mount in around)
    top = [mount for mount in around if len(mount.place.parts) == deepest][-1]  # the last one covers earlier ones
    own_root = top.place == Path("/") and top.kind == "9p"  # some containers have their own disk that way
    return top.kind if top.kind in _KINDS and not own_root else ""


def _mounts(table: str) -> Iterator[Mount]:
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) > 2:
            yield Mount(Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[1])), fields[2])

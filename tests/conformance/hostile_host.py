"""A host that was taken over, as a program: `python -I hostile_host.py FOLDER`. It speaks the wire over its pipes.

At its first call it writes the bytes of FOLDER/attack to the hub, once; a file FOLDER/always: in each of its lives.
FOLDER/then says what follows: `wait`, `leave`, or `trickle` a byte at a time. Afterwards, and in later lives, it
answers each call well.
"""

import json
import struct
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])


def say(**message: Any) -> None:
    header = json.dumps(message).encode()
    write(struct.pack(">II", len(header), 0) + header)


def write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def hear() -> dict[str, Any]:
    """The hub's next frame; a host without a hub ends."""
    lengths = sys.stdin.buffer.read(8)
    if len(lengths) < 8:
        sys.exit(0)
    header, payload = struct.unpack(">II", lengths)
    heard = json.loads(sys.stdin.buffer.read(header))
    sys.stdin.buffer.read(payload)
    return heard


def attack() -> None:
    plan = FOLDER / "attack"
    content = plan.read_bytes()
    if not (FOLDER / "always").exists():
        plan.unlink()
    write(content)
    match (FOLDER / "then").read_text():
        case "leave":
            sys.exit(1)
        case "trickle":
            while True:
                write(b"{")
                time.sleep(0.05)
        case _:
            pass


def main() -> None:
    hear()
    say(type="welcome", tools=[], notices=[])
    while True:
        match hear():
            case {"type": "ping"}:
                say(type="pong")
            case {"type": "run", "call": {"id": name}}:
                if (FOLDER / "attack").exists():
                    attack()
                else:
                    say(type="result", id=name, result={"ok": True, "text": "fine"})
            case _:
                pass


main()

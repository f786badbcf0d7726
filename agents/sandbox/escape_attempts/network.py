"""Attempts on networks: the bait's servers, devices, unusual sockets. Sends nothing to anyone else."""

import fcntl
import socket
import struct

from agents.sandbox.escape_attempts.basics import FACTS, attempt, made, opens


@attempt
def connect_to_loopback() -> bool:
    return opens(socket.AF_INET, ("127.0.0.1", FACTS["tcp"]))


@attempt
def connect_to_loopback_6() -> bool:
    return opens(socket.AF_INET6, ("::1", FACTS["tcp6"]))


@attempt
def send_a_datagram() -> bool:
    return opens(socket.AF_INET, ("127.0.0.1", FACTS["udp"]), socket.SOCK_DGRAM)


@attempt
def connect_to_a_socket_file() -> bool:
    return opens(socket.AF_UNIX, FACTS["unix"])


@attempt
def connect_to_an_abstract_socket() -> bool:
    return opens(socket.AF_UNIX, "\0" + FACTS["abstract"])


@attempt
def find_a_way_out() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("192.0.2.1", 53))
        return True


@attempt
def see_network_devices() -> bool:
    return any(name != "lo" and is_up(name) for _, name in socket.if_nameindex())


def is_up(device: str) -> bool:
    """Returns False for the idle tunnels that some kernels add to every empty network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, 0x8913, struct.pack("16sH14x", device.encode(), 0))  # SIOCGIFFLAGS
    return bool(struct.unpack("16sH14x", answer)[1] & 1)


@attempt
def make_a_raw_socket() -> bool:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return True


@attempt
def make_a_packet_socket() -> bool:
    return made(17, socket.SOCK_RAW)


@attempt
def make_a_vsock() -> bool:
    return made(40, socket.SOCK_STREAM)


@attempt
def make_a_crypto_socket() -> bool:
    return made(38, 5)

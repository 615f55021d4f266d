"""Free ports for what listens on loopback."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which kernels draw the ports of outgoing connections: a client that retries against a
# stopped broker inside that range can connect to itself and then keep the port from the broker.
_LOWEST, _HIGHEST = 20_000, 32_000
_given: set[int] = set()


def free_port() -> int:
    """A port on loopback that nobody listens on now; RuntimeError if a hundred draws find none.

    No two calls of one process get the same one: what asked first may not listen yet.
    """
    for _ in range(100):
        port = random.SystemRandom().randrange(_LOWEST, _HIGHEST)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise RuntimeError(f"no free port found between {_LOWEST} and {_HIGHEST} on {LOOPBACK}")


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def is_open(port: int) -> bool:
    """Whether somebody accepts connections on `port` of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0

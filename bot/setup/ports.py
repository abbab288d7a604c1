"""Takes the port that the counter is to serve on, before anything long is begun."""

import errno
import socket

from bot.setup.problems import Problem

TAKEN, FORBIDDEN = errno.EADDRINUSE, errno.EACCES


def take_port(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet: who serves on the port is found out now, not after the training."""
    try:
        return _bind(host, port)
    except socket.gaierror:
        raise Problem("address_unusable", host=host) from None
    except OSError as error:
        if error.errno == FORBIDDEN:
            raise Problem("port_forbidden", port=port) from None
        if error.errno == TAKEN:
            raise Problem("port_taken", port=port, host=host, other=next_free(host, port)) from None
        raise Problem("address_unusable", host=host) from None


def next_free(host: str, port: int) -> int:
    """The next port up that is free."""
    for other in range(port + 1, min(port + 100, 65536)):
        try:
            _bind(host, other).close()
        except OSError:
            continue
        return other
    return 8000 if port != 8000 else 8100


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    taken = socket.socket(family, kind, protocol)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except OSError:
        taken.close()
        raise
    return taken

"""Asks the kernel for the port before anything is started."""

import errno
import socket

from mallvision.launch.errors import StartError


def refuse_taken_port(host: str, port: int) -> None:
    """SO_REUSEADDR as the web server sets it: connections of the last run that still linger are no obstacle."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise StartError(f"HOST={host!r} is no address of this machine: {error.strerror}") from error
    family, kind, protocol, _name, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise StartError(_reason(host, port, error)) from error


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is already in use; choose another one: make run PORT={port + 1}"
    if error.errno == errno.EACCES:
        return f"port {port} needs rights you do not have; choose one above 1023: make run PORT=8000"
    return f"cannot listen on {host} port {port}: {error.strerror}"

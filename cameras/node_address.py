"""The address of a node's Redis server: what is accepted, and how its password stays out of sight.

Errors say what is wrong in plain words and never repeat a part of the address: any part may be a misplaced password.
"""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cameras import list_address
from recognition.node.address import HIDDEN, SCHEMES, TLS_OPTIONS, is_host, is_list

DEFAULT_PORT = 6379
_OPTIONS = {"redis": frozenset({"db"}), "rediss": TLS_OPTIONS | {"db"}, "unix": frozenset({"db"})}
_NUMBER = re.compile(r"[0-9]{1,5}\Z")


def check_address(address: str) -> None:
    """Raises ValidationError for an address that a node cannot have."""
    if is_list(address):
        list_address.check(address)
        return
    parts = _parts(address)
    _check_credentials(parts)
    if parts.scheme == "unix":
        _check_socket(parts)
    else:
        _check_server(parts)
    _check_options(parts)


def server_of(address: str) -> tuple[str, str, int]:
    """Which database of which server a good `address` means, however it is written and whoever signs in."""
    if is_list(address):
        return list_address.servers_of(address)
    parts = _parts(address)
    if parts.scheme == "unix":
        return "unix", unquote(parts.path), int(dict(parse_qsl(parts.query)).get("db", "0"))
    number = parts.path.strip("/") or dict(parse_qsl(parts.query)).get("db", "0")
    return "tcp", f"{(parts.hostname or '').lower()}:{parts.port or DEFAULT_PORT}", int(number)


def same_server(one: str, other: str) -> bool:
    """Whether two good addresses mean the same database."""
    if is_list(one) and is_list(other):
        return list_address.overlap(one, other)
    return server_of(one) == server_of(other)


def holds_stars(address: str) -> bool:
    """Whether *** stands where a password of a good address would."""
    if is_list(address):
        return list_address.holds_stars(address)
    return _parts(address).password == HIDDEN


def with_stored_password(typed: str, stored: str) -> str:
    """`typed` with its *** replaced by the password of `stored`; both are good addresses.

    Only for the same user on the same server: else a stored password could be sent to a server of one's choice.
    """
    if is_list(typed):
        return list_address.with_stored_passwords(typed, stored)
    new = _parts(typed)
    if new.password != HIDDEN:
        return typed
    if is_list(stored):
        raise list_address.address_has_changed()
    old = _parts(stored)
    if old.password is None or _signs_in_at(new) != _signs_in_at(old):
        raise list_address.address_has_changed()
    credentials = old.netloc.rpartition("@")[0]
    return urlunsplit(new._replace(netloc=f"{credentials}@{new.netloc.rpartition('@')[2]}"))


def without_password(typed: str) -> str:
    """What a form may show again of an address that was typed into it, good or bad."""
    if is_list(typed):
        return list_address.without_passwords(typed)
    if "@" not in typed:
        return typed if _is_good(typed) else ""
    scheme, separator, rest = typed.partition("://")
    credentials, _at, server = rest.rpartition("@")
    user, colon, password = credentials.partition(":")
    user = user if colon else ""  # else it may be a password that lacks its colon
    again = urlunsplit(SplitResult(scheme, f"{user}:{HIDDEN if password == HIDDEN else 'x'}@{server}", "", "", ""))
    if not separator or not _is_good(again):
        return ""
    return f"{scheme}://{user}:{HIDDEN if password == HIDDEN else ''}@{server}"


def _is_good(address: str) -> bool:
    try:
        check_address(address)
    except ValidationError:
        return False
    return True


def _signs_in_at(parts: SplitResult) -> tuple[str, str | None, str | None, int | None, str]:
    path = parts.path if parts.scheme == "unix" else ""
    return parts.scheme, parts.username, parts.hostname, parts.port, path


def _parts(address: str) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in address):
        raise _bad(list_address.WORDS["space"])
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _bad(
            _(
                "The address cannot be read. The port is a number from 1 to 65535; a password that holds / ? # or @ is "
                "written with percent codes, such as %2F for /."
            )
        ) from None
    if parts.scheme not in SCHEMES or not address.startswith(f"{parts.scheme}://"):
        raise _bad(list_address.WORDS["scheme"])
    if port == 0:
        raise _bad(list_address.WORDS["port"])
    if parts.fragment or address.endswith("#"):
        raise _bad(list_address.WORDS["hash"])
    return parts


def _check_credentials(parts: SplitResult) -> None:
    if "@" not in parts.netloc:
        return
    if parts.netloc.count("@") > 1:
        raise _bad(list_address.WORDS["at"])
    if not parts.password:
        raise _bad(list_address.WORDS["password"])


def _check_server(parts: SplitResult) -> None:
    host = parts.hostname or ""
    if ":" not in host and not is_host(host):  # urlsplit has checked what stands in brackets
        raise _bad(_("The host is missing or is no name or number of a host, as in redis://10.0.0.7:6379/0."))
    if parts.netloc.endswith(":"):
        raise _bad(_("The port is missing after the colon."))
    if parts.path not in {"", "/"} and not _NUMBER.match(parts.path[1:]):
        raise _bad(_("After the host stands the number of the database and nothing else, as in redis://host:6379/0."))


def _check_socket(parts: SplitResult) -> None:
    if parts.netloc.rpartition("@")[2] or not parts.path.strip("/"):
        raise _bad(_("A socket is written with its whole path, as in unix:///run/redis/redis.sock."))


def _check_options(parts: SplitResult) -> None:
    options = parse_qsl(parts.query, keep_blank_values=True)
    allowed = _OPTIONS[parts.scheme]
    if any(name not in allowed for name, _value in options) or len(dict(options)) != len(options):
        names = ", ".join(sorted(allowed))
        raise _bad(_("After the question mark these may stand, each once: %(names)s."), names=names)
    if any(name == "db" and not _NUMBER.match(value) for name, value in options):
        raise _bad(_("The database (db=) is a whole number."))
    if parts.query and not options:
        raise _bad(_("What stands after the question mark cannot be read."))


def _bad(message: Any, **values: str) -> ValidationError:
    return ValidationError(message, code="bad-address", params=values or None)

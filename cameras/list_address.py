"""The address of a node that is several servers: behind Sentinels, or a Cluster. As cameras.node_address."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recognition.node.address import HIDDEN, Address, BadAddress, Server, is_list, parse, written

# For the problems of recognition.node.address.
WORDS: Mapping[str, Any] = {
    "space": _("The address holds a space or a character that cannot be printed."),
    "scheme": _(
        "The address begins with redis://, rediss:// or unix://; with redis+sentinel:// or redis+cluster:// where it "
        "names several servers."
    ),
    "hash": _("The address holds a #. In a password it is written %23."),
    "at": _("A password that holds @ is written with %40 in its place."),
    "password": _("The password is missing: it stands between a colon and @, as in redis://:PASSWORD@host."),
    "host": _("A host is missing or is no name or number of a host; a comma stands between two servers."),
    "port": _("The port is a number from 1 to 65535."),
    "twice": _("A server stands in the list twice."),
    "name": _("After the Sentinels stand a slash and their name for the master, as in redis+sentinel://a,b,c/mall."),
    "path": _("Nothing stands after the servers of a Cluster: it has no databases."),
    "db": _("The database is a whole number."),
    "options": _(
        "After the question mark stands something unknown, or the same twice. For Sentinels: sentinel_password; with "
        "TLS also ssl_ca_certs, ssl_cert_reqs, ssl_certfile, ssl_keyfile, ssl_check_hostname."
    ),
}


def holds_stars(address: str) -> bool:
    """Whether a password of a good address is ***."""
    parts = written(address)
    return HIDDEN in (parts.password, parts.sentinel_password)


def address_has_changed() -> ValidationError:
    return ValidationError(_("The address has changed: write its password again in place of the three stars."))


def check(address: str) -> None:
    """Raises ValidationError for an address that a node cannot have."""
    _parsed(address)


def servers_of(address: str) -> tuple[str, str, int]:
    """As node_address.server_of. The order of the servers does not matter."""
    good = _parsed(address)
    return good.form, ",".join([good.name, *sorted(f"{host}:{port}" for host, port in good.servers)]), good.db


def overlap(one: str, other: str) -> bool:
    """Whether both mean the same servers, also where each names only some of them: a server is in one Cluster alone."""
    first, second = _parsed(one), _parsed(other)
    are_alike = (first.form, first.name, first.db) == (second.form, second.name, second.db)
    return are_alike and not set(first.servers).isdisjoint(second.servers)


def with_stored_passwords(typed: str, stored: str) -> str:
    """As node_address.with_stored_password. Each *** stands for the stored password at the same place."""
    new = written(typed)
    wants, wants_for_sentinels = new.password == HIDDEN, new.sentinel_password == HIDDEN
    if not wants and not wants_for_sentinels:
        return typed
    if not is_list(stored) or _signs_in_at(_parsed(typed)) != _signs_in_at(_parsed(stored)):
        raise address_has_changed()
    old = written(stored)
    if (wants and old.password is None) or (wants_for_sentinels and old.sentinel_password is None):
        raise address_has_changed()
    return new.with_passwords(old.password if wants else None, old.sentinel_password if wants_for_sentinels else None)


def without_passwords(typed: str) -> str:
    """As node_address.without_password: an empty gap for each password, the stars as they are."""
    try:
        parts = written(typed)
        parse(parts.with_passwords("x", "x"))
    except BadAddress:
        return ""
    if parts.credentials is not None and ":" not in parts.credentials:
        parts = replace(parts, credentials="")  # it may be a password that lacks its colon
    return parts.with_passwords(_star_or_gap(parts.password), _star_or_gap(parts.sentinel_password))


def _parsed(address: str) -> Address:
    try:
        return parse(address)
    except BadAddress as error:
        raise ValidationError(WORDS[error.problem], code="bad-address") from None


def _star_or_gap(password: str | None) -> str:
    return HIDDEN if password == HIDDEN else ""


def _signs_in_at(address: Address) -> tuple[str, bool, str | None, frozenset[Server], str]:
    return address.form, address.tls, address.username, frozenset(address.servers), address.name

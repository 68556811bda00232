"""Addresses of Redis servers that are several: a master that Sentinels watch, or a Cluster.

    redis+sentinel://[user:password@]host[:port],host[:port]/name[/db][?sentinel_password=…]
    redis+cluster://[user:password@]host[:port],host[:port]

and the same with rediss+ for TLS, which then holds for the Sentinels too. User, password and options are written with
percent codes where needed. Addresses of one server (redis://, rediss://, unix://) are redis-py's own affair.

Errors never repeat a part of the address: any part may be a misplaced password.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlencode

Form = Literal["standalone", "sentinel", "cluster"]
Server = tuple[str, int]  # host, port

SCHEMES: Mapping[str, Form] = {
    "redis": "standalone",
    "rediss": "standalone",
    "unix": "standalone",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
}
DEFAULT_PORTS: Mapping[Form, int] = {"sentinel": 26379, "cluster": 6379}  # the servers' own defaults
TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"})
HIDDEN = "***"
PROBLEMS = {
    "space": "The address holds a space or a character that cannot be printed.",
    "scheme": "The address begins with redis://, rediss:// or unix://, redis+sentinel:// or redis+cluster://.",
    "hash": "The address holds a #. In a password it is written %23.",
    "at": "A password that holds @ is written with %40 in its place.",
    "password": "The password is missing: it stands between a colon and @, as in redis://:PASSWORD@host.",
    "host": "A host is missing or is no name or number of a host.",
    "port": "The port is a number from 1 to 65535.",
    "twice": "A server stands in the list twice.",
    "name": "After the Sentinels stand a slash and the name by which they know the master.",
    "path": "After the servers of a Cluster stands nothing.",
    "db": "The database is a whole number.",
    "options": "What stands after the question mark is not known here, or stands there twice.",
}
_LABEL = r"[A-Za-z0-9_-]{1,63}"  # what is longer or empty cannot be looked up
_HOST = re.compile(rf"(?=[A-Za-z0-9].{{0,252}}\Z){_LABEL}(\.{_LABEL})*\.?\Z")
_SERVER = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<host>[^:\[\]]*))(?P<port>:.*)?\Z")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}\Z")  # what Sentinel accepts
_NUMBER = re.compile(r"[0-9]{1,5}\Z")
_WHOLE = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<credentials>[^/?]*)@)?(?P<servers>[^/?@]*)(?P<path>/[^?]*)?(?:\?(?P<query>.*))?\Z"
)


class BadAddress(ValueError):
    """`problem` is a key of PROBLEMS, for whoever has words of their own."""

    def __init__(self, problem: str) -> None:
        super().__init__(PROBLEMS[problem])
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Address:
    """What an address of several servers means.

    servers: the Sentinels, or where to ask about the Cluster; at least one, hosts in small letters. name: by which
    the Sentinels know the master. options: redis-py's for TLS.
    """

    form: Form
    servers: tuple[Server, ...]
    name: str = ""
    db: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sentinel_password: str | None = field(default=None, repr=False)
    tls: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """An address of several servers in its written parts, as they stand there. Unchecked, but for how it begins."""

    scheme: str
    credentials: str | None = field(repr=False)
    servers: str
    path: str
    query: str = field(repr=False)

    @property
    def form(self) -> Form:
        return SCHEMES[self.scheme]

    @property
    def user(self) -> str:
        return (self.credentials or "").partition(":")[0]

    @property
    def password(self) -> str | None:
        """None where there are no credentials."""
        return None if self.credentials is None else self.credentials.partition(":")[2]

    @property
    def sentinel_password(self) -> str | None:
        return dict(parse_qsl(self.query, keep_blank_values=True)).get("sentinel_password")

    def with_passwords(self, password: str | None, sentinel_password: str | None) -> str:
        """The address anew. None leaves what is there; `password` is written as it is given."""
        credentials, query = self.credentials, self.query
        if password is not None and credentials is not None:
            credentials = f"{self.user}:{password}"
        if sentinel_password is not None and self.sentinel_password is not None:
            options = dict(parse_qsl(query, keep_blank_values=True)) | {"sentinel_password": sentinel_password}
            query = urlencode(options, safe="*/:")
        signing_in = "" if credentials is None else f"{credentials}@"
        return f"{self.scheme}://{signing_in}{self.servers}{self.path}{'?' if query else ''}{query}"


def form_of(url: str) -> Form:
    """By its beginning alone. Raises BadAddress where that is none of SCHEMES."""
    scheme, separator, _rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        raise BadAddress("scheme")
    return SCHEMES[scheme]


def is_cluster(url: str) -> bool:
    """Whether it begins as the address of a Cluster does."""
    return SCHEMES.get(url.partition("://")[0]) == "cluster"


def is_list(url: str) -> bool:
    """Whether it begins as the address of several servers does."""
    return "://" in url and SCHEMES.get(url.partition("://")[0], "standalone") != "standalone"


def written(url: str) -> Written:
    """Raises BadAddress for what is no address of several servers, or cannot be taken apart."""
    if any(character.isspace() or not character.isprintable() for character in url):
        raise BadAddress("space")
    if form_of(url) == "standalone":
        raise BadAddress("scheme")
    if "#" in url:
        raise BadAddress("hash")
    found = _WHOLE.match(url)
    if found is None or "@" in f"{found['credentials']}{found['path']}{found['query']}":
        raise BadAddress("at")
    return Written(
        found["scheme"], found["credentials"], found["servers"], (found["path"] or "").rstrip("/"), found["query"] or ""
    )


def parse(url: str) -> Address:
    """Raises BadAddress, a ValueError, for what is no good address of several servers."""
    parts = written(url)
    if parts.credentials is not None and not parts.password:
        raise BadAddress("password")
    name, db = _name_and_db(parts)
    options = _options(parts)
    return Address(
        form=parts.form,
        servers=_servers(parts),
        name=name,
        db=db,
        username=unquote(parts.user) or None,
        password=unquote(parts.password) if parts.password else None,
        sentinel_password=options.pop("sentinel_password", None),
        tls=parts.scheme.startswith("rediss"),
        options=tuple(sorted(options.items())),
    )


def shown(url: str) -> str:
    """An address of several servers with *** for each password, fit for a page or a log."""
    try:
        return written(url).with_passwords(HIDDEN, HIDDEN)
    except BadAddress:
        return f"{url.partition('://')[0]}://{HIDDEN}"


def is_host(text: str) -> bool:
    """Whether `text` may be a host's name or number, IPv6 aside."""
    return _HOST.match(text) is not None


def _servers(parts: Written) -> tuple[Server, ...]:
    servers = tuple(_server(text, DEFAULT_PORTS[parts.form]) for text in parts.servers.split(","))
    if len(set(servers)) != len(servers):
        raise BadAddress("twice")
    return servers


def _server(text: str, default_port: int) -> Server:
    found = _SERVER.match(text)
    if found is None or not (found["six"] or is_host(found["host"])):
        raise BadAddress("host")
    port = found["port"]
    if port is None:
        return (found["six"] or found["host"]).lower(), default_port
    if not _NUMBER.match(port[1:]) or not 1 <= int(port[1:]) <= 65535:
        raise BadAddress("port")
    return (found["six"] or found["host"]).lower(), int(port[1:])


def _name_and_db(parts: Written) -> tuple[str, int]:
    if parts.form == "cluster":
        if parts.path:
            raise BadAddress("path")
        return "", 0
    name, _slash, db = parts.path.removeprefix("/").partition("/")
    if not _NAME.match(name):
        raise BadAddress("name")
    if db and not _NUMBER.match(db):
        raise BadAddress("db")
    return name, int(db or 0)


def _options(parts: Written) -> dict[str, str]:
    given = parse_qsl(parts.query, keep_blank_values=True)
    allowed = TLS_OPTIONS if parts.scheme.startswith("rediss") else frozenset()
    if parts.form == "sentinel":
        allowed |= {"sentinel_password"}
    options = dict(given)
    if options.keys() - allowed or len(options) != len(given) or (parts.query and not given):
        raise BadAddress("options")
    if options.get("sentinel_password") == "":
        raise BadAddress("password")
    return options

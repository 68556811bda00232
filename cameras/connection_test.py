"""Really connects to a node and says what is there, in plain words and without its password."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec
import redis
from django.utils.translation import gettext as _
from redis.sentinel import MasterNotFoundError

from cameras.server_forms import View, look_at
from recognition.node.connections import connect
from recognition.node.heartbeat import living_workers
from recognition.node.shards import shards_of

TIMEOUT_S = 2.0
AT_ONCE = 8
RIGHT_EVICTION = "volatile-lru"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a node's server said of itself, or its servers. `latency_ms` is the best of three round trips.

    eviction: the policy; of a Cluster those that are wrong, with their masters. notes: warnings that go with the form.
    is_partial: some masters of a Cluster do not answer, so there may be more workers and photos than were found.
    """

    server: str
    version: str
    mode: str
    workers: int
    queued: int
    latency_ms: float
    eviction: str
    notes: tuple[str, ...] = ()
    is_partial: bool = False

    @property
    def warnings(self) -> list[str]:
        found = list(self.notes)
        if self.eviction != RIGHT_EVICTION:
            found.append(
                _("The eviction policy is %(found)s. Set maxmemory-policy to %(right)s: only then does a full server "
                  "drop old answers and nothing else.") % {"found": self.eviction, "right": RIGHT_EVICTION}
            )  # fmt: skip
        if not self.workers and not self.is_partial:
            found.append(_("No worker is alive: photos will wait."))
        return found


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why the node cannot be used."""

    reason: str


def try_all(addresses: list[str]) -> list[Finding | Unusable]:
    """In the order of `addresses`, several at once."""
    with ThreadPoolExecutor(AT_ONCE, "connection test") as pool:
        return list(pool.map(try_connection, addresses))


def try_connection(address: str) -> Finding | Unusable:
    # The library's own messages are never passed on: a server may echo what it was sent, and that may be a password.
    try:
        client = connect(address, reply_timeout_s=TIMEOUT_S)
    except ValueError:
        return Unusable(_("The address cannot be read."))
    try:
        return _look(client)
    except (redis.RedisError, OSError) as error:
        return Unusable(_in_plain_words(error))
    except msgspec.MsgspecError:
        return Unusable(_("The server answers, but something other than a worker writes to a worker's keys."))
    except ValueError:  # a host's name that cannot be looked up
        return Unusable(_("The address cannot be read."))
    finally:
        client.close()


def _look(client: redis.Redis) -> Finding:
    """Raises redis.RedisError, OSError, msgspec.MsgspecError or ValueError for what hinders it."""
    view = look_at(client)
    latency_ms = min(_took_ms(view.first.ping) for _attempt in range(3))
    server, version = _product(view.about)
    workers, queued = _workers_and_queued(client, view)
    return Finding(
        server=server,
        version=version,
        mode=view.mode,
        workers=workers,
        queued=queued,
        latency_ms=round(latency_ms, 2),
        eviction=view.eviction(RIGHT_EVICTION),
        notes=view.notes,
        is_partial=view.is_partial,
    )


def _workers_and_queued(client: redis.Redis, view: View) -> tuple[int, int]:
    try:
        waiting = sum(int(client.xlen(shard.jobs)) for shard in shards_of(client))
        return len(living_workers(client)), waiting
    except redis.ConnectionError:
        if not view.is_partial:
            raise
        return 0, 0  # the notes say who is silent


def _product(about: Mapping[str, Any]) -> tuple[str, str]:
    is_valkey = about.get("server_name") == "valkey"
    version = about.get("valkey_version") if is_valkey else about.get("redis_version", "?")
    return "Valkey" if is_valkey else "Redis", str(version)


def _took_ms(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


def _in_plain_words(error: Exception) -> str:
    # The more particular first: the library's errors are subclasses of each other.
    words: list[tuple[type[Exception], str]] = [
        (redis.AuthenticationError, _("The server does not accept the user or the password, or wants one.")),
        (redis.exceptions.NoPermissionError, _("The server does not allow this user the commands that are needed.")),
        (redis.BusyLoadingError, _("The server is still loading its data. Try again soon.")),
        (MasterNotFoundError, _("The Sentinels answer, but they know no living master of this name.")),
        (redis.TimeoutError, _("The server did not answer within %(seconds)g s.") % {"seconds": TIMEOUT_S}),
        (redis.ConnectionError, _not_reached(error)),
        (redis.ResponseError, _("The server answers, but not as a node's Redis does.")),
    ]
    return next((text for kind, text in words if isinstance(error, kind)), _not_reached(error))


def _not_reached(error: Exception) -> str:
    text = str(error).lower()
    for sign, words in (
        ("refused", _("The host is there, but nothing listens on this port or socket.")),
        ("name or service not known", _("No host of this name is known.")),
        ("name resolution", _("The host's name could not be looked up.")),
        ("no such file", _("There is no socket at this path.")),
        ("permission denied", _("The socket may not be opened by this user.")),
        ("certificate", _("The server's certificate is not trusted.")),
        ("ssl", _("The server does not speak TLS on this port, or not as asked.")),
        ("max number of clients", _("The server has as many clients as it allows.")),
    ):
        if sign in text:
            return words
    return _("The server could not be reached, or it closed the connection.")

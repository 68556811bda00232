"""What the servers of a node say of their form: one, behind Sentinels, or a Cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recognition.node.address import Server
from recognition.node.cluster import ClusterClient
from recognition.node.sentinel import SentinelClient
from recognition.node.slots import SLOTS

COVERAGE = "cluster-require-full-coverage"


@dataclass(frozen=True, slots=True)
class View:
    """abouts: INFO of each server that keeps the node's data and answers. mode: the form in words.

    first: a client of one of them. notes: what should be put right. is_partial: not all of them answer.
    """

    abouts: Mapping[Server | None, Mapping[str, Any]]
    mode: str
    first: redis.Redis
    notes: tuple[str, ...] = ()
    is_partial: bool = False

    @property
    def about(self) -> Mapping[str, Any]:
        return next(iter(self.abouts.values()))

    def eviction(self, right: str) -> str:
        """`right` where it is so everywhere; else those that are not, with their servers where there are several."""
        wrong = {
            server: policy
            for server, about in self.abouts.items()
            if (policy := str(about.get("maxmemory_policy", "?"))) != right
        }
        return (
            ", ".join(policy if server is None else f"{policy} ({_spoken(server)})" for server, policy in wrong.items())
            or right
        )


def look_at(client: redis.Redis) -> View:
    """Raises redis.RedisError when there is nothing to be seen."""
    if isinstance(client, ClusterClient):
        return _cluster(client)
    about: dict[str, Any] = client.info()
    if isinstance(client, SentinelClient):
        return _master(client, about)
    return View({None: about}, str(about.get("redis_mode") or about.get("server_mode") or "?"), client)


def _master(client: SentinelClient, about: Mapping[str, Any]) -> View:
    replicas = int(about.get("connected_slaves", 0))
    mode = ngettext(
        "Sentinel: master %(master)s, %(count)d replica", "Sentinel: master %(master)s, %(count)d replicas", replicas
    ) % {"master": _spoken(client.master), "count": replicas}
    notes = []
    if not replicas:
        notes.append(_("The master has no replica: there is nothing to fail over to."))
    if silent := [server for server, sentinel in client.sentinels.items() if not _answers(sentinel)]:
        notes.append(_("These Sentinels do not answer: %(servers)s.") % {"servers": _all_spoken(silent)})
    return View({None: about}, mode, client, tuple(notes))


def _cluster(client: ClusterClient) -> View:
    masters = client.masters()
    abouts: dict[Server | None, Mapping[str, Any]] = {}
    silent: list[Server] = []
    demanding: list[Server] = []
    for server, master in masters.items():
        try:
            abouts[server] = master.info()
            if master.config_get(COVERAGE).get(COVERAGE) == "yes":
                demanding.append(server)
        except (redis.ConnectionError, redis.TimeoutError):
            silent.append(server)
    if not abouts:
        raise redis.ConnectionError("no master of the Cluster answers")
    mode = _("Cluster: %(masters)d masters, %(covered)d of %(all)d slots served") % {
        "masters": len(masters),
        "covered": client.covered_slots,
        "all": SLOTS,
    }
    notes = _cluster_notes(client.covered_slots, silent, demanding)
    first = next(master for server, master in masters.items() if server in abouts)
    return View(abouts, mode, first, tuple(notes), is_partial=bool(silent))


def _cluster_notes(covered: int, silent: Sequence[Server], demanding: Sequence[Server]) -> list[str]:
    notes = []
    if silent:
        notes.append(_("These masters do not answer: %(servers)s.") % {"servers": _all_spoken(silent)})
    if covered < SLOTS:
        notes.append(_("Not every slot is served: photos that fall into the others go to the next node."))
    if demanding:
        notes.append(
            _("%(setting)s is yes on %(servers)s: one dead master would stop all. Set it to no.")
            % {"setting": COVERAGE, "servers": _all_spoken(demanding)}
        )
    return notes


def _answers(sentinel: Any) -> bool:
    try:
        return bool(sentinel.ping())
    except redis.RedisError:
        return False


def _spoken(server: Server) -> str:
    host, port = server
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _all_spoken(servers: Sequence[Server]) -> str:
    return ", ".join(_spoken(server) for server in servers)

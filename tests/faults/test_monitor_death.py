"""The monitor killed with -9 in the middle of sending on: started anew, it does so."""

from recognition.hub import keys as hub_keys
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from tests.faults.account import accounts_agree, each_ended_once, sent, until
from tests.mall import Mall, Web, all_working
from tests.processes import kill, running

MONITOR = ("manage.py", "run_monitor")


def nodes_asked(hub: Redis, snapshot: str) -> list[int]:
    return [int(node) for node in hub.hget(hub_keys.ledger_entry(snapshot), "nodes").split(b",")]


def jobs(mall: Mall) -> int:
    return sum(mall.redis_of(node).xlen(node_keys.ONLY.jobs) for node in mall.nodes)


async def test_what_it_had_noted_but_not_offered_yet_is_sent_on(mall: Mall, web: Web, hub: Redis) -> None:
    (snapshot,) = await sent(web, 1)
    for node in mall.nodes:
        mall.redis_of(node).flushall()
        mall.redis_of(node).execute_command("CLIENT", "PAUSE", 20_000, "WRITE")
    hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1})
    with running(*MONITOR) as dying:
        await until(lambda: len(nodes_asked(hub, snapshot)) >= 2)
        kill(dying)
    for node in mall.nodes:
        mall.redis_of(node).execute_command("CLIENT", "UNPAUSE")
    assert jobs(mall) == 0
    await accounts_agree()
    hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1})
    with running(*MONITOR):
        await until(lambda: jobs(mall) == 1)
        with all_working(mall):
            await each_ended_once(mall, [snapshot])

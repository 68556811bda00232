"""Faults in which another server takes over: behind Sentinels, in a Cluster."""

import asyncio
import signal
from collections.abc import Sequence

from benchmarks.faults.fault import Fault
from benchmarks.faults.killing import let_jobs_gather, wake_workers
from benchmarks.faults.mall import Mall
from benchmarks.faults.several import BEHIND_SENTINELS, WITH_CLUSTERS
from benchmarks.forms.cluster import RealCluster
from benchmarks.forms.trio import SentinelTrio
from recognition.node.keys import CLUSTER_SHARDS, ONE_SHARD

NODE_OF_SENTINELS = 0
LONE_CLUSTER, REPLICATED_CLUSTER = 0, 1  # the places of these nodes


class HubMasterDies(Fault):
    """Started again once the Sentinels have taken another: sooner, they would notice nothing.

    It comes back as the master that it was, and is made a replica by the Sentinels some ten seconds later.
    """

    name = "hub-master"
    breaks = "kill -9 of the hub's master behind Sentinels, WAIT 1; one of its two replicas takes over"
    servers = BEHIND_SENTINELS

    async def strike(self, mall: Mall) -> None:
        await fail_over(mall, _trio_of_hub(mall))


class HubMasterOfOneReplicaDies(HubMasterDies):
    """WAIT finds nobody until the old master has become a replica."""

    name = "hub-master-lone"
    breaks = "the same with one replica: nothing is accepted until the old master is the new one's replica"

    _gone = ""

    async def aim(self, mall: Mall) -> None:
        trio = _trio_of_hub(mall)
        master = await asyncio.to_thread(trio.master)
        self._gone = next(one.name for one in trio.data if one is not master)
        kill_and_hold(mall, self._gone)

    def restore(self, mall: Mall) -> None:
        mall.keeper.release(self._gone)


class HubMasterHangs(Fault):
    """It wakes up as a second master, with open connections, and stays one for some ten seconds.

    What it is told then is lost, so it must not be believed: WAIT finds no replica there.
    """

    name = "hub-master-hangs"
    breaks = "SIGSTOP of the hub's master behind Sentinels until a replica has taken over, then SIGCONT"
    servers = BEHIND_SENTINELS

    async def strike(self, mall: Mall) -> None:
        trio = _trio_of_hub(mall)
        old = await asyncio.to_thread(trio.master)
        mall.keeper.send(old.name, signal.SIGSTOP)
        await asyncio.to_thread(trio.wait_for_failover, old)
        mall.keeper.send(old.name, signal.SIGCONT)


class NodeMasterDies(Fault):
    name = "node-master"
    breaks = "kill -9 of a node's master behind Sentinels with jobs in its queue; its replica takes over"
    servers = BEHIND_SENTINELS

    async def aim(self, mall: Mall) -> None:
        await let_jobs_gather(mall, NODE_OF_SENTINELS, ONE_SHARD)

    async def strike(self, mall: Mall) -> None:
        wake_workers(mall, NODE_OF_SENTINELS)
        await fail_over(mall, mall.site.trios[NODE_OF_SENTINELS])


class ClusterMasterDies(Fault):
    """It stays dead, and with it its shards: their photos are the next nodes' from then on."""

    name = "cluster-master"
    breaks = "kill -9 of a master of a Cluster without replicas, with jobs in its queues; it is not started again"
    servers = WITH_CLUSTERS
    place = LONE_CLUSTER

    async def aim(self, mall: Mall) -> None:
        cluster = self.cluster(mall)
        mine = [shard for shard in CLUSTER_SHARDS if cluster.owner(shard.jobs) is cluster.masters[0]]
        await let_jobs_gather(mall, self.place, mine)

    async def strike(self, mall: Mall) -> None:
        kill_and_hold(mall, self.cluster(mall).masters[0].name)
        wake_workers(mall, self.place)

    def restore(self, mall: Mall) -> None:
        mall.keeper.release(self.cluster(mall).masters[0].name)

    def cluster(self, mall: Mall) -> RealCluster:
        return mall.site.clusters[self.place]


class ClusterFailsOver(ClusterMasterDies):
    name = "cluster-failover"
    breaks = "the same with replicas: one takes over, and the old master comes back as its replica"
    place = REPLICATED_CLUSTER

    async def strike(self, mall: Mall) -> None:
        await super().strike(mall)
        cluster = self.cluster(mall)
        await asyncio.to_thread(cluster.wait_for_failover, cluster.masters[0])
        mall.keeper.release(cluster.masters[0].name)

    def restore(self, mall: Mall) -> None:
        """Back to the masters of before, whom everything here calls by their place."""
        self.cluster(mall).give_back()


def kill_and_hold(mall: Mall, name: str) -> None:
    """It is not started again before it is released."""
    mall.keeper.hold(name)
    mall.keeper.send(name, signal.SIGKILL)


async def fail_over(mall: Mall, trio: SentinelTrio) -> None:
    old = await asyncio.to_thread(trio.master)
    kill_and_hold(mall, old.name)
    await asyncio.to_thread(trio.wait_for_failover, old)
    mall.keeper.release(old.name)


def _trio_of_hub(mall: Mall) -> SentinelTrio:
    assert mall.site.hub is not None
    return mall.site.hub


FAILOVERS: Sequence[Fault] = (
    HubMasterDies(),
    HubMasterOfOneReplicaDies(),
    HubMasterHangs(),
    NodeMasterDies(),
    ClusterMasterDies(),
    ClusterFailsOver(),
)

"""A client of a Redis Cluster for threads and loops that block: a plain client for each server, and the slot map.

redis-py's own RedisCluster is not used: told not to repeat anything it still sends a pipeline's commands again after
a timeout, never reads the map again for a slot without a master, refuses EVALSHA in pipelines, connects as soon as it
is made and raises errors that are no redis.RedisError.

Nothing is sent twice but what a server has refused with MOVED or ASK. A master that fails costs an error; before it is
used again the slot map is read anew, so a replica in its place is found by the next command. Commands to the other
masters go on.

Scripts: `register_script(text)(keys=, args=)` survives SCRIPT FLUSH and masters that lack the script, also with
client=pipeline. EVALSHA in a pipeline works; after NoScriptError call `script_load` (each master that answers loads
it) and repeat, or put EVAL in its place.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import redis
from redis.client import Pipeline
from redis.commands.core import Script
from redis.exceptions import AskError, ClusterDownError, ClusterError, MovedError, NoScriptError
from redis.typing import ScriptTextT

from recognition.node.address import Server
from recognition.node.slots import Topology, read_slot_map, redirected_to, slot_of, slot_of_key

MOST_REDIRECTIONS = 5
TO_EVERY_MASTER = frozenset({"FLUSHALL", "FLUSHDB", "PING", "SCRIPT FLUSH"})

Command = tuple[tuple[Any, ...], dict[str, Any]]


class NoMaster(redis.ConnectionError):
    """No server of the Cluster serves the slot."""


def keyless(args: Sequence[Any]) -> redis.RedisError:
    return redis.RedisError(f"{args[0]} has no key and so no place in a Cluster: ask masters() or master_of(key)")


class ClusterClient(redis.Redis):
    """redis.Redis for a Cluster: each command goes to the master of its first key's slot.

    Commands without a key are refused, but for PING, SCRIPT LOAD, SCRIPT FLUSH, FLUSHALL and FLUSHDB, which go to every
    master. Subscriptions go to the first server of the address; a Cluster hands each message to all.
    seeds: servers of the address. settings: of each server's client.
    """

    def __init__(self, seeds: Sequence[Server], **settings: Any) -> None:
        super().__init__(host=seeds[0][0], port=seeds[0][1], **settings)
        self._settings = settings
        self._topology = Topology(seeds)
        self._clients: dict[Server, redis.Redis] = {}
        self._reading = threading.Lock()
        self._changing = threading.Lock()  # of _clients; never held while a server is waited for

    def masters(self) -> dict[Server, Any]:
        """A plain client of each master that serves slots, by a map read now."""
        self._refresh()
        return {server: self._client(server) for server in self._topology.masters}

    def master_of(self, key: str | bytes) -> redis.Redis:
        """A plain client of the server that serves `key` right now."""
        return self._client(self._serving(slot_of_key(key)))

    def by_master(self, keys: Sequence[str]) -> list[tuple[Any, list[str]]]:
        """A plain client of each master with those of `keys` that it serves, by a map read now."""
        masters = self.masters()
        serving = {key: self._topology.map.master_of(slot_of_key(key)) for key in keys}
        return [(client, [key for key in keys if serving[key] == server]) for server, client in masters.items()]

    @property
    def covered_slots(self) -> int:
        """Of the map as it was read last; 16384 are all."""
        return self._topology.map.covered

    def execute_command(self, *args: Any, **options: Any) -> Any:
        slot = slot_of(args)
        if slot is None:
            return self._without_key(args, options)
        server, asking = self._serving(slot), False
        for _ in range(MOST_REDIRECTIONS):
            try:
                return self._send(server, args, options, asking)
            except MovedError as moved:
                server, asking = self.moved(server, moved), False
            except AskError as ask:
                server, asking = redirected_to(ask.host, ask.port, server), True
        raise ClusterError("the Cluster's servers send this command to one another")

    def script_load(self, script: ScriptTextT) -> Any:
        """Each master that answers loads it. Raises the last error when none does."""
        shas, error = [], None
        for client in self.masters().values():
            try:
                shas.append(client.script_load(script))
            except redis.RedisError as failed:
                error = failed
        if not shas:
            raise error or NoMaster("the Cluster has no masters")
        return shas[0]

    def register_script(self, script: ScriptTextT) -> Script:
        return ClusterScript(self, script)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> "ClusterPipeline":
        return ClusterPipeline(self, transaction)

    def close(self) -> None:
        with self._changing:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()
        super().close()

    def on_server(self, server: Server, use: Callable[[Any], Any]) -> Any:
        """What `use` returns; its failure is noted, so that the map is read anew before the server is used again."""
        try:
            result = use(self._client(server))
        except (redis.ConnectionError, redis.TimeoutError, ClusterDownError):
            self._topology.note_failure(server)
            raise
        self._topology.note_result(server, result)
        return result

    def moved(self, asked: Server, moved: MovedError) -> Server:
        """Who serves the slot by what the server `asked` has said; the map is read anew, from there first."""
        server = redirected_to(moved.host, moved.port, asked)
        self._refresh([server])
        return server

    def serving(self, commands: Sequence[Command]) -> list[Server]:
        """Who serves each command. One without a key goes with the first that has one."""
        slots = [slot_of(args) for args, _options in commands]
        first = next((slot for slot in slots if slot is not None), None)
        if first is None:
            raise keyless(commands[0][0])
        return [self._serving(first if slot is None else slot) for slot in slots]

    def _serving(self, slot: int) -> Server:
        if server := self._topology.usable_master(slot):
            return server
        self._refresh()
        server = self._topology.map.master_of(slot)
        if server is None:
            raise NoMaster(f"no server of the Cluster serves slot {slot}")
        return server

    def _send(self, server: Server, args: tuple[Any, ...], options: dict[str, Any], asking: bool) -> Any:
        if not asking:
            return self.on_server(server, lambda client: client.execute_command(*args, **options))
        pair = [(("ASKING",), {}), (args, options)]
        reply = self.on_server(server, lambda client: filled(client.pipeline(transaction=False), pair).execute())
        return reply[1]

    def _without_key(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if str(args[0]).upper() not in TO_EVERY_MASTER:
            raise keyless(args)
        replies = [client.execute_command(*args, **options) for client in self.masters().values()]
        return all(replies)

    def _refresh(self, first: Sequence[Server] = ()) -> None:
        """Raises the last error when no server tells the map."""
        seen = self._topology.generation
        with self._reading:
            if self._topology.generation != seen:  # another thread has just read it
                return
            error: Exception = NoMaster("the Cluster has no servers")
            for server in self._topology.to_ask(first):
                try:
                    reply = self.on_server(server, lambda client: client.execute_command("CLUSTER SLOTS"))
                except redis.RedisError as failed:
                    error = failed
                    continue
                self._learn(reply, server)
                return
            raise error

    def _learn(self, reply: Sequence[Any], asked: Server) -> None:
        self._topology.learn(read_slot_map(reply, asked))
        with self._changing:
            gone = [self._clients.pop(server) for server in self._clients.keys() - self._topology.servers]
        for client in gone:
            client.close()

    def _client(self, server: Server) -> redis.Redis:
        with self._changing:
            if server not in self._clients:
                self._clients[server] = redis.Redis(host=server[0], port=server[1], **self._settings)
            return self._clients[server]


class ClusterScript(Script):
    """Runs by EVALSHA; a master that lacks the script is sent its text."""

    def __call__(self, keys: Any = None, args: Any = None, client: Any = None) -> Any:
        client = client or self.registered_client
        whole = ("EVAL", self.script, len(keys or ()), *(keys or ()), *(args or ()))
        execute = client.execute_command
        if isinstance(client, Pipeline):  # which learns too late that a master lacks it
            return execute(*whole)
        try:
            return execute("EVALSHA", self.sha, *whole[2:])
        except NoScriptError:
            return execute(*whole)


class ClusterPipeline(Pipeline):
    """Commands for one or several masters; those for one are one round trip, in order.

    A command without a key goes with the first that has one. A transaction's keys must be in one slot. When a master
    fails its error is raised: what other masters were sent before stands.
    """

    def __init__(self, cluster: ClusterClient, transaction: bool) -> None:
        super().__init__(cluster.connection_pool, cluster.response_callbacks, transaction, None)
        self._cluster = cluster
        self._is_transaction = transaction

    def watch(self, *names: Any) -> Any:
        raise redis.RedisError("WATCH is not for a Cluster's pipelines: use a script")

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        commands: list[Command] = list(self.command_stack)
        self.reset()
        if not commands:
            return []
        results = self._transaction(commands) if self._is_transaction else self._in_parts(commands)
        if raise_on_error:
            for result in results:
                if isinstance(result, Exception):
                    raise result
        return results

    def _transaction(self, commands: list[Command]) -> list[Any]:
        server = only_server(self._cluster.serving(commands))
        try:
            return self._run(server, commands)
        except MovedError as moved:  # then nothing was done
            return self._run(self._cluster.moved(server, moved), commands)

    def _in_parts(self, commands: list[Command]) -> list[Any]:
        servers = self._cluster.serving(commands)
        results: list[Any] = [None] * len(commands)
        for server in dict.fromkeys(servers):
            places = [place for place, one in enumerate(servers) if one == server]
            replies = self._run(server, [commands[place] for place in places])
            for place, reply in zip(places, replies, strict=True):
                results[place] = self._sent_on(commands[place]) if isinstance(reply, AskError) else reply
        return results

    def _run(self, server: Server, commands: list[Command]) -> list[Any]:
        replies: list[Any] = self._cluster.on_server(
            server,
            lambda client: filled(client.pipeline(self._is_transaction), commands).execute(raise_on_error=False),
        )
        return replies

    def _sent_on(self, command: Command) -> Any:
        """For a command that was refused with MOVED or ASK."""
        args, options = command
        try:
            return self._cluster.execute_command(*args, **options)
        except redis.ResponseError as error:
            return error


def only_server(servers: Sequence[Server]) -> Server:
    if len(set(servers)) > 1:
        raise redis.RedisError("the keys of a transaction must be in one slot of the Cluster")
    return servers[0]


def filled(pipeline: Any, commands: Sequence[Command]) -> Any:
    for args, options in commands:
        pipeline.execute_command(*args, **options)
    return pipeline

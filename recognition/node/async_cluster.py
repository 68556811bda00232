"""A client of a Redis Cluster for one event loop: an AsyncClient for each server, and the slot map.

As recognition.node.cluster, whose docstring says how scripts are run and what is sent on; here one deadline spans a
whole command or pipeline, reading the map included.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.client import Pipeline
from redis.commands.core import AsyncScript
from redis.exceptions import AskError, ClusterDownError, ClusterError, MovedError, NoScriptError
from redis.typing import ScriptTextT

from recognition.node.address import Server
from recognition.node.async_client import AsyncClient
from recognition.node.cluster import (
    MOST_REDIRECTIONS,
    TO_EVERY_MASTER,
    Command,
    NoMaster,
    filled,
    keyless,
    only_server,
)
from recognition.node.slots import Topology, read_slot_map, redirected_to, slot_of, slot_of_key


class AsyncClusterClient(redis.asyncio.Redis):
    """redis.asyncio.Redis for a Cluster; see cluster.ClusterClient.

    make_client: an AsyncClient of one server.
    """

    def __init__(
        self, seeds: Sequence[Server], make_client: Callable[[Server], AsyncClient], reply_timeout_s: float
    ) -> None:
        self._first = make_client(seeds[0])
        super().__init__(connection_pool=self._first.connection_pool)
        self._make_client = make_client
        self._reply_timeout_s = reply_timeout_s
        self._topology = Topology(seeds)
        self._clients = {seeds[0]: self._first}
        self._reading = asyncio.Lock()

    async def masters(self) -> dict[Server, AsyncClient]:
        """A plain client of each master that serves slots, by a map read now."""
        async with self.deadline():
            await self._refresh()
        return {server: self._client(server) for server in self._topology.masters}

    async def master_of(self, key: str | bytes) -> AsyncClient:
        """A plain client of the server that serves `key` right now."""
        async with self.deadline():
            return self._client(await self._serving(slot_of_key(key)))

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        slot = slot_of(args)
        if slot is None:
            return await self._without_key(args, options)
        async with self.deadline():
            return await self._to_master(slot, args, options)

    async def script_load(self, script: ScriptTextT) -> Any:
        """Each master that answers loads it. Raises the last error when none does."""
        shas, error = [], None
        for client in (await self.masters()).values():
            try:
                shas.append(await client.script_load(script))
            except redis.RedisError as failed:
                error = failed
        if not shas:
            raise error or NoMaster("the Cluster has no masters")
        return shas[0]

    def register_script(self, script: ScriptTextT) -> AsyncScript:  # type: ignore[override]  # as redis-py's own does
        return AsyncClusterScript(self, script)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> "AsyncClusterPipeline":
        return AsyncClusterPipeline(self, transaction)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await _close(client)
        await super().aclose(close_connection_pool)

    @asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._reply_timeout_s):
                yield
        except TimeoutError:
            raise redis.TimeoutError(f"no reply within {self._reply_timeout_s:g} s") from None

    async def on_server(self, server: Server, use: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
        """What `use` returns; its failure is noted, so that the map is read anew before the server is used again."""
        try:
            result = await use(self._client(server))
        except (redis.ConnectionError, redis.TimeoutError, ClusterDownError, asyncio.CancelledError):
            self._topology.note_failure(server)
            raise
        self._topology.note_result(server, result)
        return result

    async def moved(self, asked: Server, moved: MovedError) -> Server:
        """Who serves the slot by what the server `asked` has said; the map is read anew, from there first."""
        server = redirected_to(moved.host, moved.port, asked)
        await self._refresh([server])
        return server

    async def serving(self, commands: Sequence[Command]) -> list[Server]:
        """Who serves each command. One without a key goes with the first that has one."""
        slots = [slot_of(args) for args, _options in commands]
        first = next((slot for slot in slots if slot is not None), None)
        if first is None:
            raise keyless(commands[0][0])
        return [await self._serving(first if slot is None else slot) for slot in slots]

    async def _serving(self, slot: int) -> Server:
        if server := self._topology.usable_master(slot):
            return server
        await self._refresh()
        server = self._topology.map.master_of(slot)
        if server is None:
            raise NoMaster(f"no server of the Cluster serves slot {slot}")
        return server

    async def _to_master(self, slot: int, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        server, asking = await self._serving(slot), False
        for _ in range(MOST_REDIRECTIONS):
            try:
                return await self._send(server, args, options, asking)
            except MovedError as moved:
                server, asking = await self.moved(server, moved), False
            except AskError as ask:
                server, asking = redirected_to(ask.host, ask.port, server), True
        raise ClusterError("the Cluster's servers send this command to one another")

    async def _send(self, server: Server, args: tuple[Any, ...], options: dict[str, Any], asking: bool) -> Any:
        if not asking:
            return await self.on_server(server, lambda client: client.execute_command(*args, **options))
        pair = [(("ASKING",), {}), (args, options)]
        reply = await self.on_server(server, lambda client: filled(client.pipeline(transaction=False), pair).execute())
        return reply[1]

    async def _without_key(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if str(args[0]).upper() not in TO_EVERY_MASTER:
            raise keyless(args)
        replies = [await client.execute_command(*args, **options) for client in (await self.masters()).values()]
        return all(replies)

    async def _refresh(self, first: Sequence[Server] = ()) -> None:
        """Raises the last error when no server tells the map."""
        seen = self._topology.generation
        async with self._reading:
            if self._topology.generation != seen:  # another task has just read it
                return
            error: Exception = NoMaster("the Cluster has no servers")
            for server in self._topology.to_ask(first):
                try:
                    reply = await self.on_server(server, lambda client: client.execute_command("CLUSTER SLOTS"))
                except redis.RedisError as failed:
                    error = failed
                    continue
                await self._learn(reply, server)
                return
            raise error

    async def _learn(self, reply: Sequence[Any], asked: Server) -> None:
        self._topology.learn(read_slot_map(reply, asked))
        for server in self._clients.keys() - self._topology.servers:
            await _close(self._clients.pop(server))

    def _client(self, server: Server) -> AsyncClient:
        if server not in self._clients:
            self._clients[server] = self._make_client(server)
        return self._clients[server]


async def _close(client: AsyncClient) -> None:
    await client.aclose()
    await client.connection_pool.disconnect()


class AsyncClusterScript(AsyncScript):
    """Runs by EVALSHA; a master that lacks the script is sent its text."""

    async def __call__(self, keys: Any = None, args: Any = None, client: Any = None) -> Any:
        client = client or self.registered_client
        whole = ("EVAL", self.script, len(keys or ()), *(keys or ()), *(args or ()))
        execute = client.execute_command
        if isinstance(client, Pipeline):  # which learns too late that a master lacks it
            return execute(*whole)
        try:
            return await execute("EVALSHA", self.sha, *whole[2:])
        except NoScriptError:
            return await execute(*whole)


class AsyncClusterPipeline(Pipeline):
    """As cluster.ClusterPipeline."""

    def __init__(self, cluster: AsyncClusterClient, transaction: bool) -> None:
        super().__init__(cluster.connection_pool, cluster.response_callbacks, transaction, None)
        self._cluster = cluster

    async def watch(self, *names: Any) -> Any:  # type: ignore[override]  # as redis-py's own does
        raise redis.RedisError("WATCH is not for a Cluster's pipelines: use a script")

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        commands: list[Command] = [(args, dict(options)) for args, options in self.command_stack]
        self.command_stack = []
        if not commands:
            return []
        async with self._cluster.deadline():
            results = await (self._transaction(commands) if self.is_transaction else self._in_parts(commands))
        if raise_on_error:
            for result in results:
                if isinstance(result, Exception):
                    raise result
        return results

    async def _transaction(self, commands: list[Command]) -> list[Any]:
        server = only_server(await self._cluster.serving(commands))
        try:
            return await self._run(server, commands)
        except MovedError as moved:  # then nothing was done
            return await self._run(await self._cluster.moved(server, moved), commands)

    async def _in_parts(self, commands: list[Command]) -> list[Any]:
        servers = await self._cluster.serving(commands)
        results: list[Any] = [None] * len(commands)
        for server in dict.fromkeys(servers):
            places = [place for place, one in enumerate(servers) if one == server]
            replies = await self._run(server, [commands[place] for place in places])
            for place, reply in zip(places, replies, strict=True):
                results[place] = await self._sent_on(commands[place]) if isinstance(reply, AskError) else reply
        return results

    async def _run(self, server: Server, commands: list[Command]) -> list[Any]:
        replies: list[Any] = await self._cluster.on_server(
            server,
            lambda client: filled(client.pipeline(self.is_transaction), commands).execute(raise_on_error=False),
        )
        return replies

    async def _sent_on(self, command: Command) -> Any:
        """For a command that was refused with MOVED or ASK."""
        args, options = command
        try:
            return await self._cluster.execute_command(*args, **options)
        except redis.ResponseError as error:
            return error

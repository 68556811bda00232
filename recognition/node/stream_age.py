"""How long what stands in a stream has waited there."""

from recognition.node.connections import Redis


def oldest_entry_s(server: Redis, *streams: str) -> float:
    """The age in s of the oldest entry of any of `streams`, by the server's own clock; 0.0 when all are empty.

    For streams whose entries are deleted once they are dealt with. Raises redis.RedisError when the server does not
    answer.
    """
    pipeline = server.pipeline(transaction=False).time()
    for stream in streams:
        pipeline.xrange(stream, count=1)
    (now_s, _), *first = pipeline.execute()
    ages_s = [now_s - int(entries[0][0].split(b"-")[0]) / 1000 for entries in first if entries]
    return max(0.0, *ages_s) if ages_s else 0.0

"""Sentinel trios and Clusters for tests, which may kill what they like of them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from benchmarks.forms.cluster import RealCluster, make_cluster
from benchmarks.forms.member import HOST, data_server, free_port, running
from benchmarks.forms.trio import MASTER_NAME, SentinelTrio, make_trio, sentinel


@contextmanager
def sentinel_trio() -> Iterator[SentinelTrio]:
    with _folder() as folder:
        trio = make_trio(folder)
        with running(trio.members):
            trio.heal()
            yield trio


@contextmanager
def real_cluster(with_replicas: bool = False) -> Iterator[RealCluster]:
    with _folder() as folder:
        cluster = make_cluster(folder, with_replicas=with_replicas)
        with running(cluster.members):
            cluster.join()
            yield cluster


@contextmanager
def guarded_sentinel(password: str, sentinel_password: str) -> Iterator[str]:
    """The address of a master behind one Sentinel, each with its password, in database 1."""
    with _folder() as folder:
        master = data_server(folder, {"requirepass": password})
        port = free_port()
        watching = sentinel(folder, port, [port], [master])
        with watching.settings.open("a") as file:
            file.write(f'sentinel auth-pass {MASTER_NAME} {password}\nrequirepass "{sentinel_password}"\n')
        with running([master, watching]):
            signing_in = f":{quote(password, safe='')}@"
            yield (
                f"redis+sentinel://{signing_in}{HOST}:{port}/{MASTER_NAME}/1"
                f"?sentinel_password={quote(sentinel_password, safe='')}"
            )


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mv-forms-") as name:
        yield Path(name)

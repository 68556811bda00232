"""`python -m recognition.node --redis URL [--concurrency N]` is a node's worker."""

import argparse
import os
import sys

from recognition.engine import DEFAULT_ENGINE
from recognition.node.address import BadAddress
from recognition.node.connections import connect
from recognition.node.serving import serve, serve_in_processes


def main() -> int:
    arguments = _arguments()
    if arguments.concurrency == 1:
        serve(arguments.redis, arguments.engine)
    else:
        serve_in_processes(arguments.redis, arguments.engine, arguments.concurrency)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m recognition.node", description="A worker beside a node's Redis.")
    parser.add_argument(
        "--redis",
        metavar="URL",
        default=os.environ.get("MALLVISION_NODE_URL"),
        help="its address: redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// "
        "(default: MALLVISION_NODE_URL, which ps does not show)",
    )
    parser.add_argument("--concurrency", metavar="N", type=int, default=1, help="worker processes (default: 1)")
    parser.add_argument(
        "--engine",
        metavar="NAME",
        default=DEFAULT_ENGINE,
        help="recognition program, fast or reference (default: fast)",
    )
    arguments = parser.parse_args()
    if not arguments.redis:
        parser.error("name the node's Redis with --redis or MALLVISION_NODE_URL")
    if arguments.concurrency < 1:
        parser.error("--concurrency is at least 1")
    try:
        connect(arguments.redis).close()  # which connects to nobody yet
    except ValueError as error:
        parser.error(str(error) if isinstance(error, BadAddress) else "the node's address cannot be read")
    return arguments


if __name__ == "__main__":
    sys.exit(main())

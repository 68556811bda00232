"""What `simulate_cluster` can be told."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from cameras.models import DEFAULT_PRIORITY, LEAST_WEIGHT, MOST_PRIORITY, MOST_WEIGHT
from cameras.simulation.plan import BadPlan, Bursts, Plan
from recognition.node.admission import Limits

MOST_CAMERAS = 1_000_000
MOST_NODES = 10_000
MOST_HOURS = 168.0
DEFAULT_NODES = 100


def whole(least: int, most: int) -> Callable[[str], int]:
    """A type for argparse."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise ArgumentTypeError(f"expected a whole number from {least} to {most}, not {text!r}")
        return number

    return parse


def number(most: float, *, or_none: bool = False) -> Callable[[str], float]:
    """A type for argparse: above 0, at most `most`; or 0 as well, where that means none."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not (0 < value <= most or (or_none and value == 0)):
            least = "0 or a number" if or_none else "a number"
            raise ArgumentTypeError(f"expected {least} above 0, at most {most:g}, not {text!r}")
        return value

    return parse


def weights(text: str) -> tuple[float, ...]:
    """A type for argparse: "80x1,20x2" is eighty nodes of weight 1 and twenty of weight 2."""
    return tuple(weight for part in text.split(",") for weight in _alike(part.strip()))


def _alike(part: str) -> tuple[float, ...]:
    count, sign, weight = part.partition("x")
    if not sign:
        raise ArgumentTypeError(f"expected COUNTxWEIGHT, such as 80x1,20x2, not {part!r}")
    return (_weight(weight),) * whole(1, MOST_NODES)(count)


def _weight(text: str) -> float:
    weight = number(MOST_WEIGHT)(text)
    if weight < LEAST_WEIGHT:
        raise ArgumentTypeError(f"expected a weight from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}, not {text!r}")
    return weight


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--cameras", type=whole(1, MOST_CAMERAS), default=1000, help="how many send (default: %(default)s)")
    add("--snapshots-per-s", type=number(1000), default=1.0, metavar="N", help="of each camera (default: %(default)g)")
    add("--hours", type=number(MOST_HOURS), default=1.0, help="how long they send (default: %(default)g)")
    _add_nodes(parser)
    _add_bursts(parser)
    add("--seed", type=whole(0, 2**63 - 1), default=0, help="another gives other digests and moments (default: 0)")
    add("--json", type=Path, metavar="FILE", help="write the figures there too")


def _add_nodes(parser: ArgumentParser) -> None:
    add = parser.add_argument_group("nodes").add_argument
    add("--nodes", type=whole(1, MOST_NODES), help=f"how many serve the cameras (default: {DEFAULT_NODES})")
    add(
        "--weights",
        type=weights,
        metavar="COUNTxWEIGHT,...",
        help="nodes that differ: with 80x1,20x2 twenty of 100 get twice the photos, and their workers are twice as "
        "quick (default: all 1)",
    )
    add("--workers-per-node", type=whole(1, 1000), default=1, metavar="N", help="(default: %(default)s)")
    add(
        "--service-ms",
        type=number(60_000),
        default=25.0,
        metavar="MS",
        help="what a photo takes a worker of a node of weight 1 (default: %(default)g)",
    )
    add(
        "--queue-limit-jobs",
        type=whole(1, 1_000_000),
        default=settings.MALLVISION_QUEUE_LIMITS.jobs,
        metavar="JOBS",
        help="MALLVISION_QUEUE_LIMIT_JOBS, of which a camera may use what its priority allows (default: %(default)s)",
    )
    add("--priority", type=whole(0, MOST_PRIORITY), default=DEFAULT_PRIORITY, help="(default: %(default)s)")


def _add_bursts(parser: ArgumentParser) -> None:
    add = parser.add_argument_group("bursts").add_argument
    add(
        "--burst-every-min",
        type=number(MOST_HOURS * 60, or_none=True),
        default=10.0,
        metavar="MIN",
        help="0 for none (default: %(default)g)",
    )
    add("--burst-lasts-s", type=number(3600), default=30.0, metavar="S", help="(default: %(default)g)")
    add(
        "--burst-cameras-percent",
        type=number(100),
        default=20.0,
        metavar="PERCENT",
        help="the share of the cameras that send more, others in each burst (default: %(default)g)",
    )
    add(
        "--burst-factor",
        type=whole(2, 100),
        default=5,
        metavar="N",
        help="how many times as much they send (default: %(default)s)",
    )


def plan_of(options: Mapping[str, Any]) -> Plan:
    """Raises BadPlan where options do not fit each other."""
    limits = Limits(options["queue_limit_jobs"], settings.MALLVISION_QUEUE_LIMITS.photo_bytes)
    return Plan(
        cameras=options["cameras"],
        per_s=options["snapshots_per_s"],
        lasts_s=round(options["hours"] * 3600),
        weights=_weights_of_all(options["nodes"], options["weights"]),
        workers=options["workers_per_node"],
        service_ms=options["service_ms"],
        limit_jobs=limits.of_priority(options["priority"]).jobs,
        bursts=Bursts(
            every_s=options["burst_every_min"] * 60,
            lasts_s=options["burst_lasts_s"],
            cameras_percent=options["burst_cameras_percent"],
            factor=options["burst_factor"],
        ),
        seed=options["seed"],
    )


def _weights_of_all(nodes: int | None, given: tuple[float, ...] | None) -> tuple[float, ...]:
    if given is None:
        return (1.0,) * (DEFAULT_NODES if nodes is None else nodes)
    if len(given) > MOST_NODES:
        raise BadPlan(f"The weights are for {len(given)} nodes: at most {MOST_NODES} are simulated.")
    if nodes not in {None, len(given)}:
        raise BadPlan(f"The weights are for {len(given)} nodes, and there are to be {nodes}.")
    return given

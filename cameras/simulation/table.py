"""The simulation's figures for people."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from django.utils.translation import gettext as _

from cameras.simulation.figures import p95_jobs
from cameras.simulation.plan import US_PER_S, Plan
from cameras.simulation.simulation import Simulated, Trial
from cameras.simulation.spread import Spans

Cells = tuple[str, ...]


def lines(simulated: Simulated, deadline_s: float) -> Iterator[str]:
    """deadline_s: after which the product lets a snapshot expire."""
    yield from _about(simulated)
    yield ""
    yield from _aligned([("", _("rendezvous"), _("digest modulo N"), _("ideal")), *_rows(simulated)])
    yield ""
    yield _("Busiest and idlest: photos offered first, as a multiple of the node's share (max and min over the mean).")
    yield _("A queue is what is at a node, waiting or in work.")
    if max(trial.queues.longest_wait_us for trial in simulated.trials.values()) > deadline_s * US_PER_S:
        yield _("The product would let a snapshot expire after %(seconds)g s.") % {"seconds": deadline_s}


def _about(simulated: Simulated) -> Iterator[str]:
    plan = simulated.plan
    yield _("Cameras: %(cameras)s, usually %(per_s)s snapshots a second together, %(snapshots)s in %(hours)s h.") % {
        "cameras": f"{plan.cameras:,}",
        "snapshots": f"{simulated.snapshots:,}",
        "hours": f"{plan.lasts_s / 3600:.3g}",
        "per_s": _short(plan.per_s_of_all),
    }
    yield _(
        "Nodes: %(nodes)s, able to do %(per_s)s a second: load %(load)s, without the strongest node %(less_one)s."
    ) % {
        "nodes": f"{len(plan.weights):,}",
        "per_s": _short(plan.photos_per_s),
        **_loads(plan, plan.per_s_of_all),
    }
    if simulated.in_bursts:
        yield _(
            "Bursts: %(per_s)s a second, %(more)s snapshots more in all: load %(load)s, without the strongest node "
            "%(less_one)s."
        ) % {
            "per_s": _short(plan.peak_per_s),
            "more": f"{simulated.in_bursts:,}",
            **_loads(plan, plan.peak_per_s),
        }
    yield _("A node takes %(jobs)s jobs at most.") % {"jobs": f"{plan.limit_jobs:,}"}


def _loads(plan: Plan, per_s: float) -> dict[str, str]:
    less_one = f"{100 * per_s / plan.photos_per_s_less_one:.0f} %" if len(plan.weights) > 1 else "–"
    return {"load": f"{100 * per_s / plan.photos_per_s:.0f} %", "less_one": less_one}


def _rows(simulated: Simulated) -> Iterator[Cells]:
    """What is named first, the figure by each rule, and the best there could be."""
    trials = list(simulated.trials.values())

    def row(name: str, figure: Callable[[Trial], str], ideal: str = "") -> Cells:
        return (name, *map(figure, trials), ideal)

    yield row(_("busiest node, whole time"), lambda trial: f"{trial.spread.whole.busiest:.3f}", "1")
    yield row(_("idlest node, whole time"), lambda trial: f"{trial.spread.whole.idlest:.3f}", "1")
    yield row(_("busiest node of a minute, median (worst)"), lambda trial: _busiest(trial.spread.per_minute), "1")
    yield row(_("idlest node of a minute, median (worst)"), lambda trial: _idlest(trial.spread.per_minute), "1")
    yield row(_("busiest node of a second, median (worst)"), lambda trial: _busiest(trial.spread.per_second), "1")
    yield row(_("idlest node of a second, median (worst)"), lambda trial: _idlest(trial.spread.per_second), "1")
    leaving, joining = simulated.ideal.leaving, simulated.ideal.joining
    yield row(_("photos that move when a node leaves"), lambda trial: _share(trial.moved.leaving), _share(leaving))
    yield row(_("photos that move when a node joins"), lambda trial: _share(trial.moved.joining), _share(joining))
    yield row(_("longest queue of any node, jobs"), lambda trial: f"{trial.queues.most_jobs.max():,}")
    yield row(_("p95 of the nodes' longest queues, jobs"), lambda trial: f"{p95_jobs(trial):,.0f}")
    yield row(_("longest wait for a worker"), lambda trial: f"{trial.queues.longest_wait_us / US_PER_S:.2f} s")
    yield row(_("taken by the second node"), lambda trial: f"{trial.queues.overflow.second:,}", "0")
    yield row(_("taken by a later node"), lambda trial: f"{trial.queues.overflow.further:,}", "0")
    yield row(_("refused"), lambda trial: f"{trial.queues.overflow.refused:,}", "0")


def _busiest(spans: Spans | None) -> str:
    return f"{spans.median.busiest:.2f} ({spans.worst.busiest:.2f})" if spans else "–"


def _idlest(spans: Spans | None) -> str:
    return f"{spans.median.idlest:.2f} ({spans.worst.idlest:.2f})" if spans else "–"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _aligned(rows: Sequence[Cells]) -> Iterator[str]:
    """Names to the left, figures to the right."""
    widths = [max(columns(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *cells in rows:
        padded = (" " * (width - columns(cell)) + cell for cell, width in zip(cells, widths[1:], strict=True))
        yield "   ".join([name + " " * (widths[0] - columns(name)), *padded]).rstrip()


def columns(text: str) -> int:
    """In columns of a terminal, of which a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "FW" else 1 for sign in text)

import pytest

from cameras.simulation.plan import BadPlan, Bursts
from cameras.simulation.simulation import Simulated, simulate
from tests.cameras.simulation.plans import plan


def quietly(_share: float) -> None:
    """Progress that nobody looks at."""


def refused(simulated: Simulated) -> dict[str, int]:
    return {name: trial.queues.overflow.refused for name, trial in simulated.trials.items()}


def test_both_rules_are_offered_all_snapshots() -> None:
    simulated = simulate(plan(cameras=300), quietly)
    assert simulated.snapshots == 300 * 120
    for trial in simulated.trials.values():
        assert trial.spread.whole.busiest < 1.1


def test_nodes_that_can_do_the_work_refuse_nothing() -> None:
    assert refused(simulate(plan(cameras=100), quietly)) == {"rendezvous": 0, "modulo": 0}


def test_what_nodes_cannot_do_is_refused() -> None:
    """Two nodes can do 80 a second. They end 120 s of that and hold 10 each; 100 a second come."""
    simulated = simulate(plan(nodes=2, cameras=100, limit_jobs=10), quietly)
    for count in refused(simulated).values():
        assert count == pytest.approx(120 * 20 - 2 * 10, abs=20)


def test_bursts_make_queues_longer() -> None:
    bursts = Bursts(every_s=60, lasts_s=10, cameras_percent=20, factor=5)
    usual, peak = (simulate(plan(cameras=100, bursts=each), quietly) for each in (plan().bursts, bursts))
    for name in usual.trials:
        assert usual.trials[name].queues.most_jobs.max() < peak.trials[name].queues.most_jobs.max()


def test_weights_spare_the_weak_nodes_where_modulo_overloads_them() -> None:
    """A node of weight 3 can do 120 a second, one of weight 1 only 40; 120 a second come, and are halved by modulo."""
    simulated = simulate(plan(weights=(3.0, 1.0), cameras=120, limit_jobs=1000), quietly)
    rendezvous, modulo = simulated.trials["rendezvous"], simulated.trials["modulo"]
    assert rendezvous.queues.most_jobs.max() < 100 < modulo.queues.most_jobs.max()


def test_the_same_plan_gives_the_same_figures() -> None:
    one, other = (simulate(plan(seed=5), quietly) for _ in range(2))
    assert one.trials["rendezvous"].spread.whole == other.trials["rendezvous"].spread.whole


def test_progress_rises_to_the_end() -> None:
    shares: list[float] = []
    simulate(plan(cameras=1000), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_time_without_a_snapshot_is_refused() -> None:
    with pytest.raises(BadPlan, match="not one snapshot"):
        simulate(plan(cameras=1, per_s=0.0001, lasts_s=1), quietly)

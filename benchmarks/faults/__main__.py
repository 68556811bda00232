"""`python -m benchmarks.faults` breaks a whole mall in many ways and counts what is lost (docs/measuring.md)."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import open_mall
from benchmarks.faults.registry import FAULTS
from benchmarks.faults.trial import FULL, QUICK, Lengths, Trial, try_fault
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import aligned

COLUMNS = ("fault", "sent", "accepted", "refused", "no reply", "recorded", "lost", "doubled", "recovered after")


def main() -> int:
    arguments = _arguments()
    trials = []
    failed = ""
    try:
        for trial in _trials([FAULTS[name] for name in arguments.only], QUICK if arguments.quick else FULL):
            trials.append(trial)
            _write(arguments.json, trials)
    except BenchmarkFailed as error:
        failed = "\n".join((f"benchmarks: {error}", *error.__dict__.get("__notes__", ())))
    print(aligned(COLUMNS, [_line(trial) for trial in trials]))
    for trial in trials:
        if remark := _remark(trial):
            print(f"{trial.fault}: {remark}")
    if failed:
        print(failed, file=sys.stderr)
    return 0 if not failed and all(trial.kept_every_promise for trial in trials) else 1


def _trials(faults: Sequence[Fault], lengths: Lengths) -> Iterator[Trial]:
    for servers, alike in groupby(faults, key=lambda fault: type(fault).servers):
        with open_mall(servers) as mall:
            for fault in alike:
                print(f"{fault.name}: {fault.breaks} …", file=sys.stderr)
                yield try_fault(fault, mall, lengths)


def _write(file: Path | None, trials: Sequence[Trial]) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([trial.row() for trial in trials], indent=1) + "\n")


def _line(trial: Trial) -> list[str]:
    counts = (trial.sent, trial.accepted, trial.refused, trial.unknown, trial.recorded, trial.lost, trial.doubled)
    recovered = "NOT" if trial.recover_s is None else f"{trial.recover_s:.1f} s"
    return [trial.fault, *map(str, counts), recovered]


def _remark(trial: Trial) -> str:
    """What the table has no column for."""
    said = [f"{count} {state}" for state, count in trial.states.items() if state != "done" and count]
    said += [f"{name} deviate by {count}" for name, count in trial.deviations.items()]
    said += [
        f"{count} answered {status}" for status, count in trial.statuses.items() if status not in (0, 200, 202, 503)
    ]
    return ", ".join(said)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description="Breaks a mall, counts losses.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the rows to")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS), metavar="FAULT", help="these alone")
    parser.add_argument(
        "--quick", action="store_true", help="faults that last are shorter, and the mall is watched less"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.faults` breaks a whole mall in many ways and counts what is lost (docs/measuring.md)."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults.malls import Malls
from benchmarks.faults.registry import FAULTS
from benchmarks.faults.trial import FULL, QUICK, Trial
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import aligned

COLUMNS = ("fault", "sent", "accepted", "refused", "no reply", "recorded", "lost", "doubled", "recovered after")


def main() -> int:
    arguments = _arguments()
    trials: list[Trial] = []
    failures = 0
    with Malls(QUICK if arguments.quick else FULL) as malls:
        for fault in (FAULTS[name] for name in arguments.only):
            print(f"{fault.name}: {fault.breaks} …", file=sys.stderr)
            try:
                trials.append(malls.try_fault(fault))
            except BenchmarkFailed as error:
                print(f"{fault.name}: {error}", *error.__dict__.get("__notes__", ()), sep="\n", file=sys.stderr)
                failures += 1
            _write(arguments.json, trials)
    print(aligned(COLUMNS, [_line(trial) for trial in trials]))
    for trial in trials:
        if remark := trial.remark:
            print(f"{trial.fault}: {remark}")
    return 0 if not failures and all(trial.kept_every_promise for trial in trials) else 1


def _write(file: Path | None, trials: Sequence[Trial]) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([trial.row() for trial in trials], indent=1) + "\n")


def _line(trial: Trial) -> list[str]:
    counts = (trial.sent, trial.accepted, trial.refused, trial.unknown, trial.recorded, trial.lost, trial.doubled)
    recovered = "NOT" if trial.recover_s is None else f"{trial.recover_s:.1f} s"
    return [trial.fault, *map(str, counts), recovered]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description="Breaks a mall, counts losses.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the rows to")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS), metavar="FAULT", help="these alone")
    parser.add_argument("--quick", action="store_true", help="faults that last are shorter, and so is the watch")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.floors.compute MS COUNT`: the compute of so many photos alone. Prints photos per second."""

import sys
import time

from benchmarks.stubs.recognizer import compute


def main(processor_ms: float, count: int) -> None:
    started_at = time.perf_counter()
    for _ in range(count):
        compute(processor_ms)
    print(count / (time.perf_counter() - started_at))


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))

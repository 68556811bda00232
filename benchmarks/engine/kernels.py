"""What this core can do at its best, and so what an engine's kernels would take if nothing came between them.

`python -m benchmarks.engine.kernels` prints the peaks as JSON.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

# Multiply-adds of the networks (the project's own trial): YuNet on 640 x 384, and dlib's ResNet on a face of 150 x 150.
DETECTOR_GMAC_AT_640_384 = 0.207
EMBEDDING_GMAC = 0.271
# AVX-512 VNNI multiplies and adds 64 bytes in the instruction that takes 16 floats.
INT8_TIMES_FP32 = 4.0
CHIP_BYTES = 150 * 150 * 3

GEMM_SIDE = 768
COPY_BYTES = 1 << 28
BEST_OF = 15


@dataclass(frozen=True, slots=True)
class Peaks:
    """sgemm_gflops: of a single-precision matrix product. copy_gb_per_s: bytes written by a copy of 256 MB, as many
    of which were read."""

    sgemm_gflops: float
    copy_gb_per_s: float


def measured_peaks() -> Peaks:
    random = np.random.default_rng(1)
    a, b = (random.random((GEMM_SIDE, GEMM_SIDE), dtype=np.float32) for _ in range(2))
    product = np.empty_like(a)
    source, target = np.ones(COPY_BYTES, np.uint8), np.zeros(COPY_BYTES, np.uint8)
    gemm_s = _best_s(lambda: np.matmul(a, b, out=product))
    copy_s = _best_s(lambda: np.copyto(target, source))
    return Peaks(2 * GEMM_SIDE**3 / gemm_s / 1e9, COPY_BYTES / copy_s / 1e9)


def limit_ms(peaks: Peaks, decode_ms: float, size_px: tuple[int, int], side_px: int, faces: float) -> dict[str, float]:
    """Milliseconds of each kernel for a photo of that width and height; decoding as it was measured.

    Resizing reads the photo once, a face's chip is written once, each at the speed of a copy. "embed int8" takes the
    arithmetic of VNNI for granted and is no part of the sum.
    """
    width, height = size_px
    scale = min(1.0, side_px / max(width, height))
    padded = [-(-round(length * scale) // 32) * 32 for length in (width, height)]
    detector_gmac = DETECTOR_GMAC_AT_640_384 * padded[0] * padded[1] / (640 * 384)
    embed_ms = faces * _multiplied_ms(peaks, EMBEDDING_GMAC)
    return {
        "decode": decode_ms,
        "resize": _copied_ms(peaks, width * height * 3) if scale < 1 else 0.0,
        "detect": _multiplied_ms(peaks, detector_gmac),
        "align": faces * _copied_ms(peaks, CHIP_BYTES),
        "embed": embed_ms,
        "embed int8": embed_ms / INT8_TIMES_FP32,
    }


def total_ms(limit: Mapping[str, float], *, int8: bool) -> float:
    embed = limit["embed int8"] if int8 else limit["embed"]
    return embed + sum(limit[name] for name in ("decode", "resize", "detect", "align"))


def _multiplied_ms(peaks: Peaks, gmac: float) -> float:
    return 2 * gmac / peaks.sgemm_gflops * 1e3


def _copied_ms(peaks: Peaks, count_bytes: int) -> float:
    return count_bytes / peaks.copy_gb_per_s / 1e6


def _best_s(work: Callable[[], object]) -> float:
    """The least of several: a peak is what nothing disturbed."""
    least = float("inf")
    for _ in range(BEST_OF):
        started_at = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - started_at)
    return least


if __name__ == "__main__":
    print(json.dumps(asdict(measured_peaks())))

"""Settings of the process that an engine runs in: one thread for each library, and memory that is kept.

A worker is one of several on its machine and has one core's worth of work, so a library's own threads would only take
turns. And a fresh array of a photo's size costs 1.5 to 3 ms in page faults: memory that was freed is kept instead of
given back to the system between photos.
"""

import ctypes
import logging
import platform
from pathlib import Path

import cv2
import onnxruntime

# malloc.h. A limit of 32 MiB is the highest that glibc takes.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
HIGHEST_MMAP_THRESHOLD_BYTES = 32 << 20
KEPT_BYTES = 24 << 20  # the most that one photo after another needs: 1080p pixels, and what the networks work on

ONNXRUNTIME_ERROR = 3

log = logging.getLogger(__name__)


def use_one_thread() -> None:
    """For OpenCV; onnxruntime is told for each session."""
    cv2.setNumThreads(1)


def keep_freed_memory() -> None:
    """From here on. What loading an engine has left over is given back first; it is a third of a worker's memory.

    Does nothing, and says so, where the C library is not glibc.
    """
    if not _has_glibc():
        log.info("this C library cannot be told to keep freed memory: photos may take a few milliseconds longer")
        return
    give_memory_back()
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_THRESHOLD, HIGHEST_MMAP_THRESHOLD_BYTES)
    libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def give_memory_back() -> None:
    """What is free now goes back to the system. Does nothing where the C library is not glibc."""
    if _has_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _has_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"


def open_session(network: Path) -> onnxruntime.InferenceSession:
    """A network ready to run on one core. Raises onnxruntime's own errors for a file that is none."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = ONNXRUNTIME_ERROR
    # A plan made ahead for each size of picture would take 20 to 40 MB more, and saves no time.
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])

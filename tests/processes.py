"""The product's programs as processes of their own, which a test may stop, wake and kill."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from mallvision.environment import BASE_DIR

Process = subprocess.Popen[str]


def product_environment() -> dict[str, str]:
    """For a process of its own on the test's database and hub."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        place = f"{database['HOST'] or 'localhost'}:{database['PORT'] or 5432}"
        url = f"postgres://{database['USER']}:{database['PASSWORD']}@{place}/{database['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "MALLVISION_HUB_URL": settings.MALLVISION_HUB_URL}


@contextmanager
def running(*arguments: str, pass_fds: Sequence[int] = ()) -> Iterator[Process]:
    """`python` with these arguments; it does not outlive the block, not even stopped."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=product_environment(),
        pass_fds=pass_fds,
        text=True,
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def kill(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """With -9, and returns once it is gone."""
    process.kill()
    process.wait(10)

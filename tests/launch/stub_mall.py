"""The real launcher with stub programs: `python -m tests.launch.stub_mall DATA PORT`. Used by the tests beside it."""

import os
import sys
from collections.abc import Callable

from mallvision.launch.__main__ import tie_to_make
from mallvision.launch.errors import StartError
from mallvision.launch.folder import lock_folder, make_folder
from mallvision.launch.launcher import accompany, start
from mallvision.launch.options import Options, read_options
from mallvision.launch.programs import PROCESSES, Program, embedded_servers, server_program
from mallvision.launch.redis_server import find_redis_server
from mallvision.launch.signals import block_signals
from mallvision.launch.words import Once, complain

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def main() -> int:
    data, port = sys.argv[1:]
    variables = {**os.environ, "MALLVISION_DATA": data, "MALLVISION_PORT": port, "MALLVISION_EMBEDDED_NODES": "1"}
    variables["MALLVISION_HUB_URL"] = ""
    block_signals()
    try:
        _serve(read_options(variables), variables, tie_to_make(variables))
    except StartError as error:
        complain(str(error))
        return 1
    return 0


def _serve(options: Options, variables: dict[str, str], asked_to_stop: Callable[[], bool]) -> None:
    make_folder(options.data, variables)
    lock = lock_folder(options.data)
    binary = find_redis_server(variables)
    programs = [
        *(server_program(server, binary) for server in embedded_servers(options)),
        _stub("web", "-m", "tests.launch.stub_web", str(options.port)),
        *([_stub("stubborn", "-c", STUBBORN)] if "STUBBORN" in variables else []),
    ]
    accompany(options, start(options, programs, variables, lock, asked_to_stop), Once("login"))


def _stub(name: str, *arguments: str) -> Program:
    return Program(name, PROCESSES, [sys.executable, *arguments], starts_s=1)


if __name__ == "__main__":
    sys.exit(main())

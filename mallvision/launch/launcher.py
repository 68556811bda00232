"""Prepares, starts and accompanies everything that `make run` runs."""

from collections.abc import Callable, Mapping, Sequence

from mallvision.launch import words
from mallvision.launch.control import Supervisor
from mallvision.launch.folder import lock_folder, make_folder
from mallvision.launch.foreground import Foreground, answers
from mallvision.launch.options import Options
from mallvision.launch.port import refuse_taken_port
from mallvision.launch.programs import Program, all_programs, demo_is_loaded, embedded_servers
from mallvision.launch.redis_server import find_redis_server
from mallvision.launch.report import Login
from mallvision.launch.setting_up import make_models, set_up
from mallvision.launch.supervisor import ERRORS, SOCKET_NAME, start_supervisor, write_config

ADMIN_PASSWORD = "MALLVISION_ADMIN_PASSWORD"  # noqa: S105 - the variable's name


def run(options: Options, variables: Mapping[str, str], asked_to_stop: Callable[[], bool]) -> None:
    """Returns when told to stop. Raises StartError when there is nothing to accompany (any more)."""
    environment = _environment(options, variables)
    refuse_taken_port(options.host, options.port)
    redis_server = find_redis_server(environment)
    make_folder(options.data, environment)
    lock = lock_folder(options.data)
    words.say("Preparing the database...")
    report = set_up(options, environment)
    if report is None:
        return
    login = words.Once(words.login(report))
    try:
        if options.nodes and not make_models(options, environment):
            return
        # All this takes seconds: somebody else may have taken the port meanwhile.
        refuse_taken_port(options.host, options.port)
        programs = all_programs(options, redis_server, with_demo=options.with_demo and demo_is_loaded(options.data))
        words.say("Starting...")
        accompany(options, start(options, programs, environment, lock, asked_to_stop), login)
    finally:
        if report.login == Login.MADE:  # told even when the rest failed: it is not made a second time
            login.say()


def start(
    options: Options,
    programs: Sequence[Program],
    environment: Mapping[str, str],
    lock: int,
    asked_to_stop: Callable[[], bool],
) -> Foreground:
    for server in embedded_servers(options):
        server.folder.mkdir(mode=0o700, exist_ok=True)
    for_children = {name: value for name, value in environment.items() if name != ADMIN_PASSWORD}
    supervisord = start_supervisor(write_config(options.data, programs), for_children, lock, options.data.logs)
    supervisor = Supervisor(options.data.socket(SOCKET_NAME))
    return Foreground(supervisord, supervisor, asked_to_stop, options.data.logs / ERRORS)


def accompany(options: Options, foreground: Foreground, login: words.Once) -> None:
    try:
        if foreground.wait_until(lambda: answers(options)):
            words.say(words.address(options))
            login.say()
            foreground.watch()
        words.say("Stopping...")
    finally:
        foreground.stop()


def _environment(options: Options, variables: Mapping[str, str]) -> dict[str, str]:
    return {
        "MALLVISION_ALLOWED_HOSTS": ",".join(options.allowed_hosts),
        **{name: value for name, value in variables.items() if value or not name.startswith("MALLVISION_")},
        "MALLVISION_DATA": str(options.data.root),
    }

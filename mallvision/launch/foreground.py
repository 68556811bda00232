"""While MallVision runs: waits until it answers, says what a user should know, and ends everything in time."""

import http.client
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mallvision.launch import words
from mallvision.launch.control import ProcessInfo, State, Supervisor
from mallvision.launch.errors import StartError
from mallvision.launch.options import Options
from mallvision.launch.signals import wait_for_stop
from mallvision.launch.troubles import Troubles

READY_POLL_S = 0.2
READY_PATIENCE_S = 60.0
WATCH_S = 1.0
# With the time it takes to notice below 5 s. What is left then dies with supervisord.
STOP_PATIENCE_S = 3.7
ANSWER_TIMEOUT_S = 0.5
UNANSWERED = (OSError, http.client.HTTPException, xmlrpc.client.Error)
WEB = "web"


@dataclass(slots=True)
class Foreground:
    """asked_to_stop: looked at once a second, besides the signals. log: says why supervisord does not start."""

    supervisord: "subprocess.Popen[bytes]"
    supervisor: Supervisor
    asked_to_stop: Callable[[], bool]
    log: Path
    troubles: Troubles = field(default_factory=Troubles)

    def wait_until(self, ready: Callable[[], bool]) -> bool:
        """False when told to stop before."""
        began = time.monotonic()
        patient = True
        while not ready():
            if self._told_to_stop(READY_POLL_S):
                return False
            self._refuse_to_wait_for_the_dead()
            if patient and time.monotonic() - began > READY_PATIENCE_S:
                patient = False
                words.complain("The web server does not answer yet; its log may say why.")
        return True

    def watch(self) -> None:
        """Returns when told to stop."""
        while not self._told_to_stop(WATCH_S):
            self._tell_troubles()

    def stop(self) -> None:
        deadline = time.monotonic() + STOP_PATIENCE_S
        try:
            self.supervisor.shut_down()
        except UNANSWERED:
            self.supervisord.terminate()
        try:
            self.supervisord.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.supervisord.kill()
            self.supervisord.wait()

    def _told_to_stop(self, timeout_s: float) -> bool:
        if wait_for_stop(timeout_s) or self.asked_to_stop():
            return True
        if self.supervisord.poll() is not None:
            how = f"ended with {self.supervisord.returncode}, and every process with it"
            raise StartError(f"supervisord {how}; its log may say why: {self.log}")
        return False

    def _processes(self) -> list[ProcessInfo]:
        try:
            return self.supervisor.processes()
        except UNANSWERED:
            return []  # not yet, or too busy: asked again in a moment

    def _refuse_to_wait_for_the_dead(self) -> None:
        for process in self._processes():
            if process.name == WEB and process.state == State.FATAL:
                raise StartError(f"the web server does not start; its log says why: {process.log}")

    def _tell_troubles(self) -> None:
        now = time.monotonic()
        processes = self._processes()
        for line in self.troubles.news(processes, now):
            words.complain(line)
        for process in self.troubles.given_up(processes, now):
            try:
                self.supervisor.start(process)
            except UNANSWERED as error:
                words.complain(f"{process.name} could not be started: {error}")


def answers(options: Options) -> bool:
    """Whether the web server says it is well. Any answer but a server error will do: the host may not be allowed."""
    connection = http.client.HTTPConnection(options.url.removeprefix("http://"), timeout=ANSWER_TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

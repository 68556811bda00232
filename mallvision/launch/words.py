"""What the launcher says on the terminal, and only there."""

import sys

from mallvision.launch.options import WILDCARDS, Options
from mallvision.launch.report import Login, Report


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Once:
    """A line that is said at most once."""

    def __init__(self, text: str) -> None:
        self._text: str | None = text

    def say(self) -> None:
        text, self._text = self._text, None
        if text is not None:
            say(text)


def address(options: Options) -> str:
    lines = [f"\nMallVision is ready: {options.url}/"]
    if options.host in WILDCARDS:
        lines.append("Other machines reach it by the names in MALLVISION_ALLOWED_HOSTS.")
    lines.append(f"Data and logs are in {options.data.root}. Ctrl-C stops everything.")
    return "\n".join(lines)


def login(report: Report) -> str:
    match report.login:
        case Login.MADE:
            return f"Log in as admin with the password {report.password} (shown only this once)."
        case Login.GIVEN:
            return "Log in as admin with the password from MALLVISION_ADMIN_PASSWORD."
        case Login.KEPT:
            return 'Log in as admin with your password (forgotten: make manage ARGS="changepassword admin").'

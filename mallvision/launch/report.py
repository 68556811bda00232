"""What `manage.py set_up` tells the launcher, over a pipe: the new password passes through nothing else."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Login(StrEnum):
    """How the admin's password came about."""

    MADE = "made"
    GIVEN = "given"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Report:
    login: Login
    password: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, fields: dict[str, Any]) -> Self:
        return cls(Login(fields["login"]), fields["password"])

    def __repr__(self) -> str:
        return f"Report({self.login})"

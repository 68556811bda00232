"""Servers that speak TLS: by themselves where the program can, else behind a door (tests.doors)."""

import subprocess
from dataclasses import dataclass, field
from functools import cache

from benchmarks.forms.member import Member, free_port
from mallvision.launch.redis_server import find_redis_server
from tests.certificates import Certificates
from tests.doors import HOST, Doors


@cache
def speaks_tls() -> bool:
    """Whether the program was built with it: then it misses its certificate."""
    tried = subprocess.run(
        [find_redis_server(), "--port", "0", "--tls-port", "1"], capture_output=True, text=True, timeout=10, check=False
    )
    return "tls-cert-file" in tried.stdout


@dataclass
class Tls:
    """Servers with a certificate that `certificates.authority` has signed."""

    certificates: Certificates
    doors: Doors = field(default_factory=Doors)

    @property
    def trusting(self) -> str:
        """The options of an address with which they are trusted."""
        return f"ssl_ca_certs={self.certificates.authority}"

    @property
    def showing(self) -> str:
        """The same with a certificate of one's own."""
        own = f"ssl_certfile={self.certificates.certificate}&ssl_keyfile={self.certificates.key}"
        return f"{self.trusting}&{own}"

    def secure(self, member: Member, *, wants_certificate: bool = False) -> Member:
        """From its start on the server is to be spoken to by TLS at its port."""
        member.tls = self.showing if wants_certificate else self.trusting
        if speaks_tls():
            lines = self._of_its_own(member, wants_certificate)
        else:
            behind = free_port()
            lines = _behind_a_door(member, behind)
            self.doors.open(member.port, behind, self.certificates, wants_certificate)
        with member.settings.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))
        return member

    def _of_its_own(self, member: Member, wants_certificate: bool) -> list[str]:
        lines = [
            "port 0",
            f"tls-port {member.port}",
            f"tls-cert-file {self.certificates.certificate}",
            f"tls-key-file {self.certificates.key}",
            f"tls-ca-cert-file {self.certificates.authority}",
            f"tls-auth-clients {'yes' if wants_certificate else 'no'}",
            "tls-replication yes",
        ]
        return lines if _is_sentinel(member) else [*lines, "tls-cluster yes"]


def _behind_a_door(member: Member, port: int) -> list[str]:
    """The others are told of the door."""
    if _is_sentinel(member):
        return [f"port {port}", f"sentinel announce-ip {HOST}", f"sentinel announce-port {member.port}"]
    told = [f"replica-announce-port {member.port}", f"cluster-announce-port {member.port}"]
    return [f"port {port}", *told, f"cluster-port {member.port + 10_000}"]


def _is_sentinel(member: Member) -> bool:
    return "--sentinel" in member.command


def tls_url(url: str, options: str) -> str:
    """The address `url` for TLS, with these options and none else."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    return f"rediss{scheme.removeprefix('rediss').removeprefix('redis')}://{rest}?{options}"

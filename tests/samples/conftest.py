"""A package index of our own, on loopback."""

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from recognition.samples.catalogue import Parcel, Photo
from recognition.samples.package_index import PackageIndex

FACE, CROWD = b"a made-up photo of a face", b"a made-up photo of a crowd"


@dataclass
class Served:
    """status, content type and body by path; `asked` holds what was asked for, in order."""

    url: str = ""
    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failures_left: int = 0

    def file(self, name: str, body: bytes) -> None:
        self.pages[f"/files/{name}"] = (200, "application/octet-stream", body)

    def json_page(self, project: str, *names: str) -> None:
        listed = [{"filename": name, "url": f"../../files/{name}", "hashes": {}} for name in names]
        body = json.dumps({"files": listed}).encode()
        self.pages[f"/simple/{project}/"] = (200, "application/vnd.pypi.simple.v1+json", body)

    def html_page(self, project: str, *names: str) -> None:
        links = "".join(f'<a href="../../files/{name}#sha256=0">{name}</a>' for name in names)
        self.pages[f"/simple/{project}/"] = (200, "text/html", f"<html><body>{links}</body></html>".encode())


@pytest.fixture
def served() -> Iterator[Served]:
    site = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, kind, body = site.pages.get(self.path, (404, "text/plain", b"nothing here"))
            if site.failures_left:
                site.failures_left -= 1
                status, body = 500, b"not now"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}/simple/"
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture
def index(served: Served) -> PackageIndex:
    return PackageIndex(served.url, pause_before_retry_s=0)


def wheel(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in members.items():
            archive.writestr(f"faces/{name}.jpg", body)
    return file.getvalue()


def source_archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, body in members.items():
            entry = tarfile.TarInfo(f"crowds-1.0/{name}.jpg")
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return file.getvalue()


def photo_of(member: str, content: bytes) -> Photo:
    return Photo(member, hashlib.sha256(content).hexdigest(), "Somebody", "A package", "Public domain")


WHEEL = Parcel("faces", "faces-1.0-", ".whl", (photo_of("faces/face.jpg", FACE),))
SOURCE = Parcel("crowds", "crowds-1.0", ".tar.gz", (photo_of("crowds-1.0/crowd.jpg", CROWD),))
PARCELS = (WHEEL, SOURCE)


@pytest.fixture
def stocked(served: Served) -> Served:
    served.json_page("faces", "faces-0.9-any.whl", "faces-1.0.tar.gz", "faces-1.0-any.whl")
    served.file("faces-1.0-any.whl", wheel(face=FACE, other=b"?"))
    served.json_page("crowds", "crowds-1.0.tar.gz")
    served.file("crowds-1.0.tar.gz", source_archive(crowd=CROWD))
    return served

"""Reads the package index that pip is configured for, without installing or running anything."""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPException, HTTPResponse
from typing import TypeVar
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import Request, urlopen

T = TypeVar("T")

ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
PATIENCE_S = 15.0  # without a word from the server
LONGEST_DOWNLOAD_S = 120.0
LONGEST_DOWNLOAD_BYTES = 64_000_000
PAUSE_BEFORE_RETRY_S = 1.0


class IndexUnavailable(Exception):
    """The index, or a file on it, cannot be had; says why in one line, without the index's address."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """simple_url: the root of a simple index, which may hold a password. certificates: a file, or none."""

    simple_url: str
    certificates: str | None = None
    pause_before_retry_s: float = PAUSE_BEFORE_RETRY_S

    def files(self, project: str) -> list[IndexFile]:
        """All files of a project. Raises IndexUnavailable."""
        page_url = f"{self.simple_url.rstrip('/')}/{project}/"

        def read_page() -> list[IndexFile]:
            with self._open(page_url) as page:
                return _listed(page, page_url)

        return self._tried_twice(project, read_page)

    def download(self, file: IndexFile) -> bytes:
        """Raises IndexUnavailable."""

        def read_file() -> bytes:
            with self._open(file.url) as body:
                return _bounded(body)

        return self._tried_twice(file.name, read_file)

    def _tried_twice(self, what: str, attempt: Callable[[], T]) -> T:
        try:
            return attempt()
        except (OSError, ValueError, HTTPException):
            time.sleep(self.pause_before_retry_s)
        try:
            return attempt()
        except (OSError, ValueError, HTTPException) as error:
            raise IndexUnavailable(f"{what} is not to be had from the package index ({type(error).__name__})") from None

    def _open(self, url: str) -> HTTPResponse:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("only http and https are read")
        context = ssl.create_default_context(cafile=self.certificates) if url.startswith("https:") else None
        request = Request(url, headers={"Accept": ACCEPT})  # noqa: S310 (the scheme was looked at)
        response: HTTPResponse = urlopen(request, timeout=PATIENCE_S, context=context)  # noqa: S310 (as above)
        return response


def pips_index() -> PackageIndex:
    """The index that `pip install` would ask. Raises IndexUnavailable when there is no pip, or it uses none."""
    settings = _settings(_pip("-m", "pip", "config", "list"))
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        raise IndexUnavailable("pip is told to use no package index")
    built_in = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return PackageIndex(settings.get("index-url") or _pip("-c", built_in).strip(), settings.get("cert"))


def _settings(config_list: str) -> dict[str, str]:
    """Option -> value from lines such as `global.timeout='60'`; nearer sections win, the environment most of all."""
    found: dict[str, str] = {}
    for section in ("global", "download", "install", ":env:"):
        for line in config_list.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{section}."):
                found[name.removeprefix(f"{section}.")] = value.strip("'\"")
    return found


def _pip(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout  # noqa: S603 (ours)
    except (OSError, subprocess.SubprocessError):
        raise IndexUnavailable("pip does not say which package index it uses") from None


def _listed(page: HTTPResponse, page_url: str) -> list[IndexFile]:
    body = _bounded(page)
    if "json" in page.headers.get_content_type():
        try:
            return [IndexFile(file["filename"], urljoin(page_url, file["url"])) for file in json.loads(body)["files"]]
        except (KeyError, TypeError):
            raise ValueError("the page is no simple index") from None
    links = _Links()
    links.feed(body.decode(errors="replace"))
    urls = [urldefrag(urljoin(page_url, link)).url for link in links.found]
    return [IndexFile(unquote(urlsplit(url).path.rpartition("/")[2]), url) for url in urls]


def _bounded(response: HTTPResponse) -> bytes:
    """The whole body, unless it is endless or endlessly slow."""
    deadline = time.monotonic() + LONGEST_DOWNLOAD_S
    body = bytearray()
    while part := response.read(1 << 18):
        body += part
        if len(body) > LONGEST_DOWNLOAD_BYTES or time.monotonic() > deadline:
            raise ValueError("the body is too large or too slow")
    declared = response.headers.get("Content-Length")
    if declared is not None and len(body) != int(declared):
        raise ValueError("the body was cut short")
    return bytes(body)


class _Links(HTMLParser):
    """The targets of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]

"""A database of its own for a run: SQLite in the run's folder, or a new one beside that of DATABASE_URL."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def own_database(variables: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment that names it. What DATABASE_URL names is left alone."""
    given = urlsplit(variables.get("DATABASE_URL", ""))
    if not given.scheme.startswith("postgres"):
        yield {}
        return
    name = f"mallvision_faults_{secrets.token_hex(4)}"
    _run(given.geturl(), sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield {"DATABASE_URL": urlunsplit(given._replace(path=f"/{name}"))}
    finally:
        _run(given.geturl(), sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)

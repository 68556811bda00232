"""Whatever goes wrong under /api/, the body says so in plain words."""

import pytest
from django.test import AsyncClient, Client

pytestmark = pytest.mark.django_db

WRONG = [
    ("get", "/api/v1/nope", 404),
    ("get", "/api/v1/snapshots/", 404),
    ("delete", "/api/v1/snapshots/abc", 405),
    ("get", "/api/v1/identify", 405),
]


@pytest.mark.parametrize(("method", "address", "status"), WRONG)
def test_an_unknown_address_or_method_has_a_detail(method: str, address: str, status: int) -> None:
    answer = getattr(Client(), method)(address)
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]


@pytest.mark.parametrize(("method", "address", "status"), WRONG)
async def test_so_it_does_where_the_server_is_asynchronous(method: str, address: str, status: int) -> None:
    answer = await getattr(AsyncClient(), method)(address)
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]


def test_other_pages_keep_their_own() -> None:
    assert Client().get("/nope").headers["Content-Type"].startswith("text/html")

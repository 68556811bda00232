import pytest
from django.test import Client
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hub_url")]


def policy(client: Client, name: str) -> str:
    return client.get(reverse(name)).headers["Content-Security-Policy"]


def test_the_admin_may_evaluate_what_unfold_needs(administrator: Client) -> None:
    assert "script-src 'self' 'unsafe-eval'" in policy(administrator, "admin:index")
    assert "style-src 'self' 'unsafe-inline'" in policy(administrator, "admin:cameras_camera_changelist")


def test_no_other_page_may(administrator: Client) -> None:
    assert "unsafe" not in policy(administrator, "wall") + policy(administrator, "login")


def test_the_admin_loads_nothing_from_elsewhere(administrator: Client) -> None:
    shown = administrator.get(reverse("admin:cameras_node_changelist")).content.decode()
    assert 'src="http' not in shown
    assert "<script>" not in shown

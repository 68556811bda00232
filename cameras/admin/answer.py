"""The page that an action answers with: a table, shown once and kept nowhere."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin


def answer_page(
    admin: ModelAdmin, request: HttpRequest, title: str, note: str, table: dict[str, list[Any]]
) -> TemplateResponse:
    """`table`: {"headers": […], "rows": [[…], …]}; its cells are escaped."""
    context = admin.admin_site.each_context(request) | {
        "title": title,
        "note": note,
        "table": table,
        "opts": admin.opts,
    }
    return TemplateResponse(request, "cameras/admin/answer.html", context)

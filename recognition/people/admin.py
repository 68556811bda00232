from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from recognition.people.erasure import NotConfirmed, await_confirmation, remove
from recognition.people.models import Person, Template
from recognition.people.nameless_log import NamelessLog


class TemplateInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Templates are added on their own page, which asks a node about the photo."""

    model = Template
    fields = ("face", "quality", "created_at", "created_by")
    readonly_fields = fields
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        templates: QuerySet[Template] = super().get_queryset(request).defer("embedding", "crop")
        return templates.select_related("created_by").order_by("pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("face"))
    def face(self, template: Template) -> str:
        return format_html('<img src="{}" width="72" alt="">', reverse("template-crop", args=[template.pk]))


@admin.register(Person)
class PersonAdmin(NamelessLog, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    list_display = ("name", "template_count", "created_at")
    list_filter = ("created_at",)
    search_fields = ("name",)
    fields = ("name", "note")
    inlines = (TemplateInline,)
    actions_detail = ("enrol_face",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        counted: QuerySet[Person] = super().get_queryset(request).annotate(template_count=Count("templates"))
        return counted

    @admin.display(description=_("enrolled faces"), ordering="template_count")
    def template_count(self, person: Any) -> int:
        count: int = person.template_count
        return count

    @action(description=_("Enrol a face"), url_path="enrol", permissions=["enrol"])  # type: ignore[untyped-decorator]
    def enrol_face(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect(reverse("admin:people_template_add", query={"person": object_id}))

    def has_enrol_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("people.add_template")

    def get_deleted_objects(
        self,
        objs: Iterable[Person],
        request: HttpRequest,
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Names who goes. What goes with them (faces, sightings, alerts) needs no permission of its own."""
        names = [str(person) for person in objs]
        return names, {str(Person._meta.verbose_name_plural): len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Person) -> None:
        self._erase(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        self._erase(request, list(queryset))

    def _erase(self, request: HttpRequest, persons: list[Person]) -> None:
        """Django's view wraps a transaction around this; the processes can only confirm what is committed."""
        epoch = remove(persons)
        transaction.on_commit(partial(self._say_confirmed, request, epoch))

    def _say_confirmed(self, request: HttpRequest, epoch: int) -> None:
        try:
            confirmed = await_confirmation(epoch).confirmed
        except NotConfirmed as missing:
            self.message_user(request, str(missing), messages.WARNING)
            return
        if confirmed is None:
            text = gettext("Erased. The hub does not answer; processes that cannot confirm it show no names.")
            self.message_user(request, text, messages.WARNING)
            return
        text = ngettext(
            "Erased: %(count)d process has confirmed that it no longer knows the name.",
            "Erased: %(count)d processes have confirmed that they no longer know the name.",
            confirmed,
        )
        self.message_user(request, text % {"count": confirmed}, messages.SUCCESS)

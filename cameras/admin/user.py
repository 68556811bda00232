"""Users and roles. Who holds a role may enter the admin; the tables in cameras/roles.py say what is there for them."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from cameras.models import CameraGroup
from cameras.role_permissions import set_admin_entry
from cameras.roles import ROLES

admin.site.unregister(User)
admin.site.unregister(Group)


class SeenGroupInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = CameraGroup.staff.through
    verbose_name = _("camera group")
    verbose_name_plural = _("camera groups in sight")
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]  # unfold has no types
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "roles", "is_active", "last_login")
    list_filter = ("groups", "is_active", "camera_groups")
    readonly_fields = ("is_staff", "last_login", "date_joined")
    filter_horizontal = ()  # two lists side by side are too wide for five roles
    inlines = (SeenGroupInline,)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        may = ["is_active", "groups", "is_staff"]
        if request.user.is_superuser:
            may += ["is_superuser"]
        return (
            (None, {"fields": ("username", "password")}),
            (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
            (_("Rights"), {"fields": may}),
            (_("Important dates"), {"fields": ("last_login", "date_joined")}),
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.inlines if obj else ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.label = _("Roles")
            field.help_text = _("What the user may do is the sum of the roles. Without one, nothing is seen.")
        return field

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        set_admin_entry(form.instance)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join([gettext("superuser")] * user.is_superuser + names)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """Only a superuser changes a superuser: else a new password would be a way up."""
    return bool(request.user.is_superuser or not (user and user.is_superuser))


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The five roles are fixed by tables in the code, so they are shown and not changed."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.name in ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.name in ROLES)

"""The form of a node. Its password goes in and never comes out again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from cameras.models import Node
from cameras.node_address import check_address, holds_stars, same_server, with_stored_password, without_password


class AddressField(forms.CharField):
    """Shows an address that was typed without its password when the form comes back with errors."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return without_password(str(data or ""))


class NodeForm(forms.ModelForm):  # type: ignore[type-arg]  # not to be subscripted when it runs
    redis_address = AddressField(
        label=_("Address"),
        max_length=2000,
        validators=[check_address],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "redis://:PASSWORD@host:6379/0, rediss:// for TLS, or unix:///path/to.sock. Behind Sentinels "
            "redis+sentinel://:PASSWORD@host,host,host/NAME, a Cluster redis+cluster://:PASSWORD@host,host,host "
            "(rediss+… for TLS). The stored password is not shown: leave the three stars to keep it."
        ),
    )

    class Meta:
        model = Node
        fields = ("name", "enabled", "cordoned", "weight")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["redis_address"] = self.instance.shown_address

    def clean_redis_address(self) -> str:
        typed: str = self.cleaned_data["redis_address"]
        if self.instance.pk is not None:
            address = with_stored_password(typed, self.instance.address)
        elif holds_stars(typed):
            raise ValidationError(_("Write the password in place of the three stars."))
        else:
            address = typed
        self._refuse_another_nodes(address)
        return address

    def _refuse_another_nodes(self, address: str) -> None:
        for node in Node.objects.exclude(pk=self.instance.pk):
            if same_server(node.address, address):
                raise ValidationError(_("The node %(name)s is at this address already."), params={"name": node.name})

    def save(self, commit: bool = True) -> Node:
        self.instance.address = self.cleaned_data["redis_address"]
        node: Node = super().save(commit)
        return node

"""How the pages write what is known of enrolled faces."""

from django import template

from recognition.people.models import Template
from recognition.people.objections import Objection

register = template.Library()


@register.filter
def overruled(enrolled: Template) -> list[str]:
    """The limits that a face was enrolled in spite of, in words."""
    return [Objection.read(kept).sentence for kept in enrolled.overruled]

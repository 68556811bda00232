"""Looking people up by what is known of them."""

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from recognition.people.models import Membership, Person, Template
from recognition.people.naming import normalised


def find_people(search: str = "", watchlist: int | None = None, *, only_valid: bool | None = None) -> QuerySet[Person]:
    """By a part of the name or reference number, by watchlist, and valid or expired; in the order of names."""
    people = Person.objects.all()
    if wanted := normalised(search):
        people = people.filter(Q(name__icontains=wanted) | Q(reference__icontains=wanted))
    if watchlist is not None:
        people = people.filter(memberships__watchlist=watchlist)
    if only_valid is not None:
        expired = Q(valid_until__lte=timezone.now())
        people = people.exclude(expired) if only_valid else people.filter(expired)
    return people.order_by("name", "pk")


def with_everything(people: QuerySet[Person]) -> QuerySet[Person]:
    """With their watchlists and enrolled faces, without the faces' pixels and embeddings."""
    faces = Template.objects.defer("embedding", "crop").select_related("created_by").order_by("pk")
    members = Membership.objects.select_related("watchlist", "added_by").order_by("watchlist__name")
    return people.prefetch_related(Prefetch("templates", faces), Prefetch("memberships", members))

"""A process that changes who is enrolled: `enrol NAME` or `erase NAME`."""

import sys

import django

django.setup()

from recognition.people.erasure import erase  # noqa: E402  (needs the models)
from recognition.people.models import Person  # noqa: E402
from tests.faces import enrolled, vector  # noqa: E402

if __name__ == "__main__":
    verb, name = sys.argv[1:]
    if verb == "enrol":
        enrolled(name, vector(1))
    else:
        print(erase(Person.objects.get(name=name)).confirmed)  # noqa: T201

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cameras.tokens import API_KEY, new_token, token_digest
from recognition.intake.models import ApiKey


class Command(BaseCommand):
    help = "Makes a key for an integrator and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="who the key is for")
        parser.add_argument("--scope", required=True, choices=ApiKey.KeyScope.values, help="what the key is for")

    def handle(self, *_: Any, **options: Any) -> None:
        token = new_token(API_KEY)
        key = ApiKey(name=options["name"], scope=options["scope"], key_digest=token_digest(token))
        if ApiKey.objects.filter(name=key.name).exists():
            raise CommandError(f"There is an API key {key.name} already. Keys have a name each.")
        try:
            key.full_clean()
        except ValidationError as error:
            raise CommandError(f"API key {key.name}: {' '.join(error.messages)}") from None
        key.save()
        self.stderr.write(f"API key {key.name}, shown this once:", self.style.NOTICE)
        self.stdout.write(token)

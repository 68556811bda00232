"""Model fields whose values are encrypted at rest with the keys of MALLVISION_FIELD_KEYS.

The first key encrypts, every key decrypts, so keys are rotated by putting a new one in front.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Undecryptable(ValueError):
    """A stored value was encrypted with a key that MALLVISION_FIELD_KEYS does not hold."""


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.MALLVISION_FIELD_KEYS))


def decrypt(stored: bytes) -> bytes:
    try:
        return cipher().decrypt(stored)
    except InvalidToken:
        raise Undecryptable("stored with a key that MALLVISION_FIELD_KEYS does not hold") from None


class EncryptedBytesField(models.BinaryField):  # type: ignore[type-arg]
    """bytes in Python, a Fernet token in the database. Cannot be searched."""

    def get_prep_value(self, value: bytes | None) -> bytes | None:
        return None if value is None else cipher().encrypt(bytes(value))

    def from_db_value(self, value: bytes | memoryview | None, *_: Any) -> bytes | None:
        return None if value is None else decrypt(bytes(value))


class EncryptedTextField(EncryptedBytesField):
    """str in Python, a Fernet token in the database. Cannot be searched."""

    def get_prep_value(self, value: str | None) -> bytes | None:  # type: ignore[override]
        return super().get_prep_value(None if value is None else value.encode())

    def from_db_value(self, value: bytes | memoryview | None, *args: Any) -> str | None:  # type: ignore[override]
        plain = super().from_db_value(value, *args)
        return None if plain is None else plain.decode()

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise NotImplementedError("encrypted values are not serialised")

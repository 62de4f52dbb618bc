"""SecretReference: where a secret is to be found, never the secret itself.

Configurations hold these; what they point to is read when a client is made, and registered so that nothing prints it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from ...domain.errors import CloudledgerError, InvalidArgumentError
from .without_secrets import KNOWN_SECRETS, KnownSecrets

_FORMS = "give env:NAME or file:/path, never the value"


class SecretNotFoundError(CloudledgerError, LookupError):
    """A reference points to nothing; `reference` is where it was looked for."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"no secret at {reference}: set the variable, or create the file")
        self.reference = reference


class SecretReference(msgspec.Struct, frozen=True):
    """The place of a secret: `env:NAME`, an environment variable, or `file:/path`, a file's content.

    >>> SecretReference("env:AZURE_CLIENT_SECRET")
    SecretReference('env:AZURE_CLIENT_SECRET')

    Raises:
        InvalidArgumentError: it is no reference, so perhaps a secret: the message does not repeat it.
    """

    place: str

    def __post_init__(self) -> None:
        kind, _, rest = self.place.partition(":")
        if kind not in ("env", "file") or not rest:
            raise InvalidArgumentError(f"a secret must be given by reference: {_FORMS}")
        if kind == "env" and not rest.isidentifier():
            raise InvalidArgumentError(f"the name behind env: is no variable's name: {_FORMS}")

    def __repr__(self) -> str:
        return f"SecretReference({self.place!r})"

    def resolve(self, known: KnownSecrets = KNOWN_SECRETS) -> str:
        """Return the secret, and register it with what nothing may print.

        Raises:
            SecretNotFoundError: nothing is there.
        """
        kind, _, rest = self.place.partition(":")
        try:
            value = os.environ[rest] if kind == "env" else Path(rest).read_text(encoding="utf-8").strip()
        except (KeyError, OSError):
            raise SecretNotFoundError(self.place) from None
        known.add(value)
        return value


def secret(reference: str | SecretReference | None) -> SecretReference | None:
    """Return a configuration's secret as a reference; None stays None.

    >>> secret("file:/run/secrets/client").place
    'file:/run/secrets/client'
    """
    if reference is None or isinstance(reference, SecretReference):
        return reference
    if not isinstance(reference, str):
        raise InvalidArgumentError(f"a secret is of type {type(reference).__name__}: {_FORMS}")
    return SecretReference(reference)

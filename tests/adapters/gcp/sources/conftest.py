"""What all tests of sources of Google Cloud need."""

import pytest
from google.auth import credentials


@pytest.fixture(autouse=True)
def without_lookups_of_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep google-auth from asking iamcredentials.googleapis.com, in a thread, in which regions an account is used."""
    kind = getattr(credentials, "CredentialsWithRegionalAccessBoundary", credentials.Credentials)
    monkeypatch.setattr(kind, "_maybe_start_regional_access_boundary_refresh", lambda *_: None, raising=False)

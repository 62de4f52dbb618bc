"""A certificate authority of this process, for SDKs that send tokens over TLS only."""

from __future__ import annotations

import atexit
import shutil
import ssl
import tempfile
from functools import cache
from pathlib import Path

import trustme


@cache
def _authority() -> trustme.CA:
    return trustme.CA()


@cache
def server_context() -> ssl.SSLContext:
    """Return what makes a server on 127.0.0.1 trusted by those who trust `ca_file`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert("127.0.0.1").configure_cert(context)
    return context


@cache
def ca_file() -> str:
    """Return a file with the authority's certificate."""
    folder = Path(tempfile.mkdtemp(prefix="cloudledger-ca-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _authority().cert_pem.write_to_path(str(folder / "ca.pem"))
    return str(folder / "ca.pem")

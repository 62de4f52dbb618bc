"""Azurite, Microsoft's emulator of Blob Storage, where Node and its package are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The emulator's well-known account:
https://learn.microsoft.com/azure/storage/common/storage-connect-azurite#well-known-storage-account-and-key."""

_OPTIONS = ("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent")


@contextmanager
def azurite(place: Path) -> Iterator[str]:
    """Give the URL of the account of an Azurite that runs meanwhile; skip the test where there is none."""
    command = os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if shutil.which("node") is None or command is None:
        pytest.skip("Node or its package azurite is not installed (npm install -g azurite, or AZURITE_BLOB=path)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [command, "--blobHost", "127.0.0.1", "--blobPort", str(port), *_OPTIONS]
    process = subprocess.Popen(arguments, cwd=place, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/{ACCOUNT}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip("Azurite did not start")

"""The bundled incident's files: generated once, as a whole or not at all."""

from __future__ import annotations

import fcntl
import shutil
from hashlib import blake2b
from pathlib import Path

from scripts.incident import generate

SEED = 7
GENERATOR = Path(__file__).resolve().parent / "incident"


def bundled_incident(cache: Path) -> Path:
    """Return the folder of the incident's log files, generating it when it is not there.

    It appears under its name by one rename, so that a killed run leaves no half of it to be analysed. The name holds a
    digest of the generator: a changed one generates anew.
    """
    folder = cache / f"incident-{_digest(GENERATOR)}"
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "incident.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released by the system when the process ends, however it ends
        if not folder.exists():
            unfinished = cache / "incident.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            generate(unfinished, seed=SEED)
            unfinished.rename(folder)
    return folder / "files"


def _digest(folder: Path) -> str:
    sources = b"\x00".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return blake2b(sources, digest_size=4).hexdigest()

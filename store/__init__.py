"""Append-only ledger of events in compressed, checksummed segments.

The promises, each proved by `tests/store/test_promises.py`:

1. Durable. When `append` returns, the events survive SIGKILL and power loss (file and directory are synced).
2. Atomic. A batch and its source cursor are one commit; recovery yields an exact prefix, and a torn tail is cut,
   reported, never read.
3. Once. An `event_id` already in the stream within its dedupe horizon (all segments that the stream holds) is not
   stored again.
4. Immutable and checkable. Every block has a checksum; damage is found on read and by `verify`, names file and range,
   and leaves the rest readable.
5. Ordered. Positions in a stream start at 1, have no gaps; readers see a prefix and need no lock.
6. One writer per stream, fenced: a second writer gets a clear error, a dead writer's lock is taken over, a zombie
   cannot commit.
7. Rebuildable. A checkpoint only saves work: what it holds can be folded again from the events, and a damaged one is
   passed over.
8. Bounded. Memory does not grow with the ledger: readers stream blocks, indexes are lazy.

The files are specified to the byte in FORMAT.md.
"""

from .checkpoints import Checkpoint, Checkpoints
from .compaction import CompactionReport
from .frame_decoder import FACTS
from .ledger import Ledger
from .ledger_stats import LedgerStats, StreamStats
from .object_file_system import ObjectFileSystem
from .search_order import Page
from .stream_writer import AppendResult
from .upload import UploadReport, upload_sealed
from .verification import Damage, VerifyReport

__all__ = [
    "FACTS",
    "AppendResult",
    "Checkpoint",
    "Checkpoints",
    "CompactionReport",
    "Damage",
    "Ledger",
    "LedgerStats",
    "ObjectFileSystem",
    "Page",
    "StreamStats",
    "UploadReport",
    "VerifyReport",
    "upload_sealed",
]

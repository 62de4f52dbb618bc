"""A ledger on an object store keeps the promises of one in a directory: the same tests, on a store in memory.

Each location of a test is a place of its own in a bucket. Tests that look at files themselves stay with directories;
what takes their place is in the other `test_object_*` modules.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from obstore.store import MemoryStore

from cloudledger.store import Ledger
from cloudledger.store.object_file_system import ObjectFileSystem
from tests.store import (
    test_append_and_read,
    test_checkpoints,
    test_compaction,
    test_once,
    test_readers_beside_a_writer,
    test_round_trip,
    test_search,
    test_upkeep,
    test_writers,
)

MODULES = (
    test_append_and_read,
    test_compaction,
    test_checkpoints,
    test_once,
    test_readers_beside_a_writer,
    test_round_trip,
    test_search,
    test_upkeep,
    test_writers,
)

OF_FILES = {
    "test_a_partition_that_did_not_change_is_not_written_again",
    "test_a_damaged_checkpoint_is_passed_over_for_the_one_before",
    "test_pruning_gives_back_what_no_checkpoint_refers_to",
    "test_a_copy_of_the_files_made_while_writing_opens",
    "test_copies_of_single_files_in_any_order_while_a_writer_compacts_open",
    "test_verify_counts_what_it_checked",
    "test_a_sealed_file_that_was_exchanged_is_noticed",
    "test_stats_name_a_missing_segment",
    "test_the_oldest_segments_are_dropped_until_the_ledger_is_small_enough",
    "test_a_segment_that_is_full_is_sealed",
    "test_a_dead_writers_lock_is_taken_over",
    "test_each_writer_has_a_higher_epoch",
    "test_compaction_changes_nothing_that_is_read",
    "test_small_segments_become_one_and_the_old_files_go",
    "test_only_old_segments_are_compacted_when_asked",
    "test_a_damaged_segment_is_left_as_it_is",
    "test_a_failure_at_any_operation_of_a_compaction_loses_nothing",
    "test_a_compacted_segment_stands_in_where_the_newest_manifest_is_damaged",
    "test_an_older_reader_refuses_a_compacted_segment_clearly",
    "test_a_writer_that_was_fenced_cannot_commit",
    "test_a_forked_child_does_not_keep_the_lock",
}
"""Tests that open files by their paths, or start processes."""

for module in MODULES:
    for name, test in vars(module).items():
        if name.startswith("test_") and name not in OF_FILES and callable(test):
            globals()[name] = test

filled = test_checkpoints.filled
sealed = test_upkeep.sealed
searched = test_search.searched


@pytest.fixture(autouse=True)
def _locations_are_in_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    stores: dict[str, ObjectFileSystem] = {}
    really_open = Ledger.open

    def open_in_bucket(location: Any, **options: Any) -> Ledger:
        url = str(location) if "://" in str(location) else f"memory://bucket{location}"
        known = stores.setdefault(url, ObjectFileSystem.of_store(MemoryStore(), url))
        return really_open(url, files=ObjectFileSystem(known.client, url), **options)

    monkeypatch.setattr(Ledger, "open", open_in_bucket)
    monkeypatch.setenv("CLOUDLEDGER_CACHE", "/dev/null/none")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty ledger, open for writing."""
    with Ledger.open("/ledger") as opened:
        yield opened

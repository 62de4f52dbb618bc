"""Real runs of Terraform 1.11: what happened is known from the scenarios' names and configuration."""

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cloudledger.adapters.parser import Sample
from cloudledger.adapters.records import Origin, Records
from cloudledger.adapters.terraform import PARSERS
from cloudledger.domain.batch import EventBatch
from cloudledger.projections.timeline import TimelineModel, TimelineProjection

CORPORA = Path(__file__).parents[3].parent / "shared" / "corpora" / "iac"
RUNS = CORPORA / "terraform_runs"
BUCKET = "arn:aws:s3:::logs-prod"

pytestmark = pytest.mark.skipif(not RUNS.is_dir(), reason="the corpora are not beside the checkout")


def parsed(path: Path) -> EventBatch | None:
    body = path.read_bytes()
    bodies = body.splitlines() if path.suffix == ".jsonl" else [body]
    origin = Origin(f"runs/{path.name}")
    parser = next((p for p in PARSERS if p.recognises(Sample(bodies[0], {}, origin))), None)
    return parser.parse(Records.of(bodies, origin)) if parser else None


@pytest.fixture(scope="module")
def batches() -> list[EventBatch]:
    found = (parsed(path) for path in sorted(RUNS.iterdir()) if path.is_file())
    return [batch for batch in found if batch is not None]


@pytest.fixture(scope="module")
def model(batches: list[EventBatch]) -> TimelineModel:
    projection = TimelineProjection()
    state, position = projection.empty(), 1
    for batch in batches:
        positions = np.arange(position, position + len(batch))
        state, position = projection.fold(state, batch.stored_as("tf", positions)), position + len(batch)
    return TimelineModel(state)


OUTCOMES = {
    "01_create": ("succeeded", {"create": 9}),
    "02_scale_replace": ("succeeded", {"create": 1, "replace": 1}),
    "03_update_and_replace_triggered": ("succeeded", {"replace": 1, "update": 1}),
    "04_moved": ("succeeded", {"move": 1}),
    "05_fail_taint": ("failed", {"failed": 1}),
    "06_tainted_replace": ("succeeded", {"replace": 1}),
    "07_shrink_delete": ("succeeded", {"delete": 5, "update": 1}),
    "08_removed_forget": ("succeeded", {"forget": 1}),
    "09_replace_flag": ("succeeded", {"replace": 2}),
    "10_destroy": ("succeeded", {"delete": 5}),
    "11_workspace": ("partial", {"create": 8}),
    "12_index_shift": ("failed", {}),
    "13_cbd_create": ("succeeded", {"create": 1}),
    "14_cbd_replace": ("succeeded", {"replace": 1}),
}


def test_every_run_has_its_outcome_and_counts(model: TimelineModel) -> None:
    found = {run.deployment.removeprefix("runs/"): (run.outcome, run.counts) for run in model.deployments()}

    assert found == OUTCOMES


def test_every_file_is_read_and_nothing_is_rejected(batches: list[EventBatch]) -> None:
    formats = Counter(batch.format[0] for batch in batches)

    assert formats == {"terraform.plan": 12, "terraform.apply_log": 25, "terraform.state": 21}
    assert not any((batch.kind == 8).any() for batch in batches)


def test_no_secret_is_in_any_event(batches: list[EventBatch]) -> None:
    for batch in batches:
        text = b"".join(map(msgspec.json.encode, batch)) + batch.payload.data
        assert b"hunter" not in text


def test_the_bucket_is_followed_through_its_move_to_its_end(model: TimelineModel) -> None:
    changes = [(c.deployment[5:7], c.action, c.address) for c in model.changes(resource=BUCKET)]

    old, new = "terraform_data.bucket", "terraform_data.log_bucket"
    assert changes == [
        ("01", "create", old),
        ("03", "update", old),
        ("04", "move", new),
        ("09", "replace", new),
        ("10", "delete", new),
    ]
    assert model.changes(resource=old) == model.changes(resource=BUCKET)[:4]


def test_a_replacement_ends_one_object_and_begins_another(model: TimelineModel) -> None:
    [change] = model.changes(deployment="14_cbd_replace")
    first, second = model.resources("14_cbd_replace")

    assert {"id:747e01ae-5308-2088-6acd-b2a4c3d6faa5", "id:8b65825f-f7ba-cad2-8034-edb77de791f8"} <= set(
        change.identifiers
    )
    assert first.valid_to is not None
    assert second.valid_from is not None
    # Created before the old one is destroyed: both live for a moment.
    assert second.valid_from < first.valid_to
    assert second.resource == "8b65825f-f7ba-cad2-8034-edb77de791f8"


def test_destroying_everything_ends_every_object(model: TimelineModel) -> None:
    gone = model.resources("10_destroy")

    assert len(gone) == 5
    assert all(one.valid_to is not None for one in gone)


def test_keys_of_every_kind_are_kept(model: TimelineModel) -> None:
    addresses = {change.address for change in model.changes(deployment="11_workspace")}

    assert {'terraform_data.each["a/b"]', 'terraform_data.each["c d"]', 'terraform_data.each["é"]'} <= addresses


def test_a_module_s_instances_are_found_with_and_without_their_key(model: TimelineModel) -> None:
    both, one = (
        model.changes(component=name, deployment="01_create") for name in ("module.svc", 'module.svc["orders"]')
    )

    assert (len(both), len(one)) == (7, 4)


def test_a_failed_provisioner_says_what_failed(model: TimelineModel) -> None:
    [change] = model.changes(deployment="05_fail_taint")

    assert (change.phase, change.message) == ("failed", "local-exec provisioner error")


def test_applied_changes_have_identifiers_and_times(model: TimelineModel) -> None:
    applied = [change for change in model.changes() if change.phase == "applied"]

    assert len(applied) == 39
    assert sum(bool(change.resource) for change in applied) / len(applied) >= 0.95
    assert all(change.started_at and change.ended_at and change.evidence for change in applied)


def test_plans_and_states_of_other_providers_are_read_without_a_rejection() -> None:
    paths = [*(CORPORA / "terraform-plan").rglob("plan*.json"), *(CORPORA / "terraform-state").rglob("*.tfstate")]
    found = [batch for path in paths if (batch := parsed(path)) is not None]

    assert len(found) >= 0.95 * len(paths)
    assert not any((batch.kind == 8).any() for batch in found)

"""Runs and objects: partial applies, replacements, moves, shifts, forgotten and re-created resources."""

import json

from cloudledger.projections.timeline import Change, Link
from tests.projections.timeline.terraform_story import (
    ACCOUNT,
    MINUTE,
    Story,
    instant,
    leg,
    line,
    logged,
    plan,
    queue,
    resource_change,
    state,
    summary,
)

NOON = instant("2026-11-20T12:00:00Z")
QUEUE = "aws_sqs_queue.q"


def created(story: Story, address: str, name: str, at: int, run: str) -> None:
    planned = plan([resource_change(address, ["create"], None, {"name": name})], at - MINUTE)
    url = queue(name)["url"]
    story.run(
        run,
        planned=planned,
        log=[*leg(address, "create", at, at + MINUTE, id_key="id", id_value=url), summary(at + MINUTE)],
    )


def managed_by(story: Story, at: int, name: str) -> list[str]:
    links = story.model().links(logged(at, "app", 9, queue(name)["arn"]))
    return [link.deployment for link in links if link.relation == "managed-by"]


def only(changes: tuple[Change, ...]) -> Change:
    [change] = changes
    return change


def test_an_apply_that_was_cut_off_is_partial() -> None:
    story = Story()
    lines = [*leg(QUEUE, "create", NOON, NOON + 1), leg("aws_sqs_queue.r", "create", NOON, 0)[0]]
    story.run(
        "1", log=[*lines, line("diagnostic", NOON + 9, diagnostic={"severity": "error", "summary": "execution halted"})]
    )
    [run] = story.model().deployments()

    assert (run.phase, run.outcome, run.counts) == ("finished", "partial", {"create": 1})
    assert run.error == "execution halted"
    assert [(c.address[-1], c.phase) for c in story.model().changes()] == [("q", "applied"), ("r", "started")]


def test_an_apply_that_just_stops_has_no_outcome() -> None:
    story = Story()
    story.run("1", log=[*leg(QUEUE, "create", NOON, NOON + 1), leg("aws_sqs_queue.r", "create", NOON, 0)[0]])
    [run] = story.model().deployments()

    assert (run.phase, run.outcome) == ("started", "")


def test_a_plan_alone_changes_nothing() -> None:
    story = Story()
    row = queue("jobs")
    story.run("1", planned=plan([resource_change(QUEUE, ["update"], row, {**row, "timeout": 9})], NOON))
    model = story.model()

    assert only(model.changes()).phase == "planned"
    assert model.links(logged(NOON + MINUTE, "app", 9, row["arn"])) == ()
    assert model.suspects(resource=QUEUE, at=NOON + MINUTE) == ()


def test_a_plan_whose_state_shows_its_result_was_applied() -> None:
    story = Story()
    planned = plan([resource_change(QUEUE, ["create"], None, {"name": "jobs"})], NOON)
    story.run("1", planned=planned, after=state({QUEUE: queue("jobs")}))
    story.run("2", planned=planned, after=state({}))

    assert [run.outcome for run in story.model().deployments()] == ["succeeded", ""]


def test_a_name_that_is_used_again_means_the_new_object() -> None:
    story = Story()
    created(story, QUEUE, "jobs", NOON, "1")
    deleted = NOON + 100 * MINUTE
    story.run("2", log=[*leg(QUEUE, "delete", deleted, deleted + MINUTE), summary(deleted + MINUTE)])
    created(story, "aws_sqs_queue.other", "jobs", NOON + 200 * MINUTE, "3")

    assert managed_by(story, NOON + 50 * MINUTE, "jobs") == ["tf/1"]
    assert managed_by(story, NOON + 150 * MINUTE, "jobs") == []
    assert managed_by(story, NOON + 250 * MINUTE, "jobs") == ["tf/3"]


def test_a_replacement_s_old_name_is_valid_until_it_is_gone() -> None:
    story = Story()
    created(story, QUEUE, "old", NOON, "1")
    at = NOON + 60 * MINUTE
    planned = plan([resource_change(QUEUE, ["create", "delete"], queue("old"), {"name": "new"})], at - MINUTE)
    log = [*leg(QUEUE, "create", at, at + MINUTE), *leg(QUEUE, "delete", at + 10 * MINUTE, at + 11 * MINUTE)]
    story.run("2", planned=planned, log=[*log, summary(at + 12 * MINUTE)])

    assert managed_by(story, at + 5 * MINUTE, "old") == ["tf/2"]
    assert managed_by(story, at + 5 * MINUTE, "new") == ["tf/2"]
    assert managed_by(story, at + 30 * MINUTE, "old") == []
    assert only(story.model().changes(deployment="2")).action == "replace"


def test_a_move_keeps_the_object_and_its_history() -> None:
    story = Story()
    created(story, QUEUE, "jobs", NOON, "1")
    at, moved = NOON + 60 * MINUTE, "module.m.aws_sqs_queue.q"
    row = queue("jobs")
    story.run(
        "2", planned=plan([resource_change(moved, ["no-op"], row, row, previous_address=QUEUE)], at), log=[summary(at)]
    )
    story.update("3", moved, row, {**row, "timeout": 9}, at + 60 * MINUTE)

    assert [change.action for change in story.model().changes(resource="jobs")] == ["create", "move", "update"]
    assert managed_by(story, at + 100 * MINUTE, "jobs") == ["tf/3"]


def test_a_forgotten_resource_is_managed_no_more() -> None:
    story = Story()
    created(story, QUEUE, "jobs", NOON, "1")
    at = NOON + 60 * MINUTE
    story.run("2", planned=plan([resource_change(QUEUE, ["forget"], queue("jobs"), None)], at), log=[summary(at)])

    assert managed_by(story, at + 60 * MINUTE, "jobs") == []
    assert only(story.model().changes(deployment="2")).action == "forget"


def test_two_stacks_with_one_address_are_two_objects() -> None:
    story = Story()
    for stack in ("blue", "green"):
        planned = plan([resource_change(QUEUE, ["create"], None, {"name": stack})], NOON - MINUTE)
        log = [*leg(QUEUE, "create", NOON, NOON + MINUTE), summary(NOON + MINUTE)]
        story.run(f"1-{stack}", planned=planned, log=log, stack=stack)

    assert managed_by(story, NOON + 9 * MINUTE, "blue") == ["tf/1-blue"]
    assert managed_by(story, NOON + 9 * MINUTE, "green") == ["tf/1-green"]


def test_a_data_source_is_not_managed() -> None:
    story = Story()
    row = resource_change("data.aws_sqs_queue.q", ["read"], None, queue("jobs")) | {"mode": "data"}
    story.run("1", planned=plan([row], NOON), log=[summary(NOON)])

    assert managed_by(story, NOON + MINUTE, "jobs") == []
    assert story.model().resources("1") == ()


def test_a_satellite_s_parent_links_with_less() -> None:
    story = Story()
    policy = "aws_sqs_queue_policy.p"
    url = queue("jobs")["url"]
    planned = plan([resource_change(policy, ["create"], None, {"queue_url": url})], NOON)
    story.run("1", planned=planned, log=[*leg(policy, "create", NOON, NOON + MINUTE), summary(NOON + MINUTE)])
    [link] = [
        one for one in story.model().links(logged(NOON + 9 * MINUTE, "app", 9, url)) if one.relation == "managed-by"
    ]

    assert (link.address, link.score) == (policy, 0.7)


def test_deployments_of_equal_score_are_marked_as_ambiguous() -> None:
    story = Story()
    for stack in ("blue", "green"):
        planned = plan([resource_change(QUEUE, ["create"], None, {"name": "same"})], NOON - MINUTE)
        log = [*leg(QUEUE, "create", NOON, NOON + MINUTE), summary(NOON + MINUTE)]
        story.run(f"1-{stack}", planned=planned, log=log, stack=stack)
    links: list[Link] = [
        link
        for link in story.model().links(logged(NOON + 9 * MINUTE, "app", 9, queue("same")["arn"]))
        if link.relation == "managed-by"
    ]

    assert [link.ambiguous for link in links] == [True, True]


def test_a_tagged_service_is_known_by_its_tag() -> None:
    story = Story()
    row = queue("jobs", tags={"Service": "payments"})
    story.update("1", QUEUE, row, {**row, "visibility_timeout_seconds": 1}, NOON)

    [suspect] = story.model().suspects(service="payments", at=NOON + 5 * MINUTE)
    assert suspect.deployment == "tf/1"
    assert only(story.model().changes()).service == "payments"


def test_the_owner_of_a_called_service_is_a_suspect() -> None:
    story = Story()
    row = queue("jobs", tags={"Service": "payments"})
    story.update("1", QUEUE, row, {**row, "visibility_timeout_seconds": 1}, NOON)
    story.logs([logged(NOON + k * MINUTE, "checkout", 17, peer="payments", account=ACCOUNT) for k in range(5)])

    [suspect] = story.model().suspects(service="checkout", at=NOON + 5 * MINUTE)
    assert any("called service payments" in reason for reason in suspect.reasons)


def test_two_artefacts_of_one_change_are_one_change() -> None:
    story = Story()
    row = queue("jobs")
    hook = {"resource": {"addr": QUEUE, "resource_type": "aws_sqs_queue"}, "action": "update"}
    planned = plan([resource_change(QUEUE, ["update"], row, {**row, "timeout": 2})], NOON)
    story.run(
        "1", planned=planned, log=[line("planned_change", NOON, change=hook), *leg(QUEUE, "update", NOON, NOON + 1)]
    )

    change = only(story.model().changes())
    assert (change.phase, len(change.evidence), change.changed) == ("applied", 4, {"timeout": ("", "2")})


def test_every_answer_is_json() -> None:
    import msgspec

    story = Story()
    created(story, QUEUE, "jobs", NOON, "1")
    story.logs([logged(NOON + 5 * MINUTE, "app", 17, queue("jobs")["arn"])])
    model = story.model()
    answers = [
        model.changes(),
        model.deployments(),
        model.resources("1"),
        model.events(),
        model.suspects(service="app"),
    ]

    assert all(json.loads(msgspec.json.encode(answer)) for answer in answers)


def test_a_change_behind_a_called_service_counts_when_that_service_fails_too() -> None:
    """Two changes stand behind two callees of one failing service; only one callee fails."""
    story = Story()
    for number, name in enumerate(("payments", "search")):
        row = queue(f"{name}-jobs", tags={"Service": name})
        story.update(f"{number}", f"aws_sqs_queue.{name}", row, {**row, "visibility_timeout_seconds": 1}, NOON)
    minutes = range(1, 10)
    story.logs([logged(NOON + k * MINUTE, "checkout", 17, name=str(k), peer="payments") for k in minutes])
    story.logs([logged(NOON + k * MINUTE, "checkout", 9, name=str(k), peer="search.shop.svc") for k in minutes])
    story.logs([logged(NOON + k * MINUTE, "payments", 17, name=str(k)) for k in minutes])
    story.logs([logged(NOON + k * MINUTE, "search", 9, name=str(k)) for k in minutes])

    first, second = story.model().suspects(service="checkout", at=NOON + 5 * MINUTE)
    assert (first.deployment, second.deployment) == ("tf/0", "tf/1")
    assert first.score > 2 * second.score

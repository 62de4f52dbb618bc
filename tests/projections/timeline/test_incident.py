"""One story: a deployment changes a database's settings, and a service that uses it begins to fail."""

import pytest

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.projections.timeline import TimelineModel
from tests.projections.timeline.terraform_story import (
    ACCOUNT,
    MINUTE,
    Story,
    arn,
    database,
    instant,
    leg,
    logged,
    plan,
    queue,
    resource_change,
    state,
    summary,
)

NOON = instant("2026-11-20T12:00:00Z")
DB, QUEUE, GROUP = "aws_db_instance.payments", "aws_sqs_queue.mail", "aws_db_parameter_group.pg"
HOST = "payments-db.c1xyz.eu-west-1.rds.amazonaws.com"


def build_story() -> Story:
    story = Story()
    database_row, queue_row = database("payments-db", max_allocated_storage=100), queue("mail")
    created = [
        resource_change(address, ["create"], None, {"identifier": "payments-db"} if address == DB else {"name": "mail"})
        for address in (DB, QUEUE)
    ]
    start = NOON - 3000 * MINUTE
    log = [
        *leg(DB, "create", start, start + MINUTE),
        *leg(QUEUE, "create", start, start + MINUTE),
        summary(start + MINUTE),
    ]
    group = {
        "id": "pg",
        "name": "pg",
        "arn": arn("rds", "pg:pg"),
        "parameter": [{"name": "max_connections", "value": "400"}],
    }
    after = state({DB: database_row, QUEUE: queue_row, GROUP: group}, {DB: [GROUP]})
    story.run("01_base", planned=plan(created, start - MINUTE), log=log, after=after, commit="c0ffee", actor="ana")
    story.update("02_mail", QUEUE, queue_row, {**queue_row, "visibility_timeout_seconds": 60}, NOON - 20 * MINUTE)
    story.update("03_tags", DB, database_row, {**database_row, "tags": {"owner": "x"}}, NOON - 10 * MINUTE)
    smaller = {**group, "parameter": [{"name": "max_connections", "value": "20"}]}
    story.update("04_limits", GROUP, group, smaller, NOON - 5 * MINUTE, actor="bo", commit="beef")
    story.update("05_class", DB, database_row, {**database_row, "instance_class": "db.t3.micro"}, NOON, actor="cy")
    calm = [logged(NOON - k * MINUTE, "payments", 9, HOST) for k in range(1, 60)]
    failing = [logged(NOON + k * MINUTE // 4, "payments", 17, HOST, account=ACCOUNT) for k in range(1, 80)]
    others = [logged(NOON + k * MINUTE, "mailer", 9, queue_row["url"]) for k in range(20)]
    story.logs([*calm, *failing, *others])
    story.logs(
        [logged(NOON + MINUTE, "search", 17, "search-index-7"), logged(NOON + MINUTE, "cart", 17, resource="cart")]
    )
    return story


@pytest.fixture(scope="module")
def model() -> TimelineModel:
    return build_story().model()


AFTER = NOON + 3 * MINUTE


@pytest.mark.parametrize(
    "event",
    [
        logged(AFTER, "payments", 17, arn("rds", "db:payments-db")),
        logged(AFTER, "payments", 17, HOST),
        logged(AFTER, "payments", 17, HOST + ":5432"),
        logged(AFTER, "payments", 17, peer=HOST),
        logged(AFTER, "payments", 17, "payments-db", account=ACCOUNT),
        logged(AFTER, "rds", 9, "payments-db"),
        logged(AFTER, "", 9, resource=arn("logs", "log-group:/aws/rds/instance/payments-db/postgresql")),
        logged(AFTER, "", 9, "/aws/rds/instance/payments-db"),
        logged(AFTER, "", 9, "db-PAYMENTS-DB"),
    ],
    ids=[
        "arn",
        "host",
        "host and port",
        "peer",
        "name in account",
        "name in its service",
        "log group arn",
        "group",
        "id",
    ],
)
def test_an_event_that_names_the_database_is_managed_by_its_last_deployment(
    model: TimelineModel, event: object
) -> None:
    managed = [link for link in model.links(event) if link.relation == "managed-by"]  # type: ignore[arg-type]

    assert [(link.deployment, link.address, link.suggestion) for link in managed] == [("tf/05_class", DB, False)]
    assert managed[0].evidence
    assert managed[0].reasons


@pytest.mark.parametrize(
    "event",
    [
        logged(AFTER, "payments", 17, arn("rds", "db:other-db")),
        logged(AFTER, "payments", 17, "arn:aws:rds:eu-west-1:999999999999:db:payments-db"),
        logged(AFTER, "payments", 17, "payments-db.c1xyz.us-east-1.rds.amazonaws.com"),
        logged(AFTER, "payments", 17, "payments-db-replica", account=ACCOUNT),
        logged(AFTER, "payments", 17, "payments-db", account="999999999999"),
        logged(AFTER, "payments", 17),
        logged(NOON - 9000 * MINUTE, "payments", 17, HOST),
    ],
    ids=[
        "other database",
        "other account",
        "other host",
        "longer name",
        "name in other account",
        "nothing",
        "too early",
    ],
)
def test_an_event_that_does_not_name_the_database_then_is_not_linked(model: TimelineModel, event: object) -> None:
    assert model.links(event) == ()  # type: ignore[arg-type]


def test_a_bare_name_without_a_scope_is_only_a_suggestion(model: TimelineModel) -> None:
    links = model.links(logged(AFTER, "payments", 17, "payments-db"))

    assert links
    assert all(link.suggestion for link in links)


def test_managed_by_means_the_last_deployment_before_the_event(model: TimelineModel) -> None:
    earlier = model.links(logged(NOON - 8 * MINUTE, "payments", 9, HOST))

    assert next(link.deployment for link in earlier if link.relation == "managed-by") == "tf/03_tags"


def test_a_call_of_the_deployment_itself_is_caused_by_it(model: TimelineModel) -> None:
    call = {"format": "aws.cloudtrail", "name": "ModifyDBInstance", "resource": arn("rds", "db:payments-db")}
    in_time = model.links(logged(NOON + MINUTE // 3, "rds", 9, **call))
    reading = model.links(logged(NOON + MINUTE // 3, "rds", 9, **{**call, "name": "DescribeDBInstances"}))
    too_late = model.links(logged(NOON + 30 * MINUTE, "rds", 9, **call))

    assert (in_time[0].relation, in_time[0].deployment) == ("caused-by", "tf/05_class")
    assert all(link.relation != "caused-by" for link in (*reading, *too_late))


def test_a_session_named_after_the_run_marks_its_calls(model: TimelineModel) -> None:
    session = "arn:aws:sts::012345678901:assumed-role/deployer/05_class"
    call = {"format": "aws.cloudtrail", "name": "ModifyDBInstance", "resource": arn("rds", "db:payments-db")}

    link = model.links(logged(NOON + MINUTE // 3, "rds", 9, session, **call))[0]

    assert (link.relation, link.deployment, link.score) == ("caused-by", "tf/05_class", 1.0)


def test_a_neighbour_that_was_changed_shortly_before_is_a_candidate(model: TimelineModel) -> None:
    links = model.links(logged(AFTER, "payments", 17, HOST))

    assert ("after-change", "tf/04_limits") in {(link.relation, link.deployment) for link in links}


def test_the_deployment_that_changed_the_database_is_the_first_suspect(model: TimelineModel) -> None:
    for suspects in (
        model.suspects(service="payments", at=NOON + 20 * MINUTE),
        model.suspects(resource=HOST, at=NOON + 20 * MINUTE),
        model.suspects(resource=DB, at="2026-11-20T12:20:00Z"),
        model.suspects(at=NOON + 20 * MINUTE),
    ):
        assert [suspect.deployment for suspect in suspects][:2] == ["tf/05_class", "tf/04_limits"]
        assert suspects[0].changed == {f"{DB}: instance_class": ("", "db.t3.micro")}
        assert suspects[0].score > 1.3 * suspects[1].score
        assert suspects[0].actor == "cy"
        assert suspects[0].evidence


def test_a_change_after_the_instant_is_no_suspect(model: TimelineModel) -> None:
    suspects = model.suspects(service="payments", at=NOON - 4 * MINUTE)

    assert "tf/05_class" not in [suspect.deployment for suspect in suspects]


def test_a_service_that_nothing_connects_has_no_suspects(model: TimelineModel) -> None:
    assert model.suspects(service="search", at=NOON + 20 * MINUTE) == ()


def test_a_suspect_s_settings_are_shown(model: TimelineModel) -> None:
    suspect = next(s for s in model.suspects(service="payments", at=NOON + MINUTE) if s.deployment == "tf/04_limits")

    assert suspect.changed == {f"{GROUP}: parameter[max_connections].value": ("400", "20")}


def test_an_empty_target_is_refused(model: TimelineModel) -> None:
    with pytest.raises(InvalidArgumentError, match="leave out"):
        model.suspects(service="")


def test_events_of_a_deployment_count_what_names_its_resources(model: TimelineModel) -> None:
    rows = model.events(deployment="05_class", relation="managed-by")

    assert [(row.identifier, row.service, row.events, row.errors) for row in rows] == [(HOST, "payments", 79, 79)]
    assert len(rows[0].references) == 4


def test_events_can_be_filtered_by_relation_component_and_change_set(model: TimelineModel) -> None:
    assert {row.relation for row in model.events(deployment="05_class")} == {"managed-by", "after-change"}
    assert model.events(deployment="05_class", component="module.other") == ()
    assert {row.deployment for row in model.events(change_set="tf/02_mail")} == {"tf/02_mail"}


def test_changes_and_deployments_are_found_both_ways(model: TimelineModel) -> None:
    assert [change.deployment for change in model.changes(resource=DB)] == ["tf/01_base", "tf/03_tags", "tf/05_class"]
    assert [run.deployment for run in model.deployments(resource=HOST)] == ["tf/01_base", "tf/03_tags", "tf/05_class"]
    assert [one.address for one in model.resources("05_class")] == [DB]
    assert [c.deployment for c in model.changes(since=NOON - MINUTE, until=NOON + MINUTE)] == ["tf/05_class"]
    assert model.changes(since="2026-11-21T00:00:00Z") == ()
    base = model.deployments()[0]
    assert (base.deployment, base.outcome, base.counts, base.commit) == (
        "tf/01_base",
        "succeeded",
        {"create": 2},
        "c0ffee",
    )


def test_late_and_early_data_give_the_same_answers() -> None:
    story, reversed_story = build_story(), Story()
    for batch in reversed(story.batches):
        reversed_story.state = reversed_story.projection.fold(reversed_story.state, batch)

    assert reversed_story.state.encoded() == story.state.encoded()
    assert reversed_story.model().suspects(service="payments") == story.model().suspects(service="payments")

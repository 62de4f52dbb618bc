"""Events of CloudTrail: who did what to which resource, wherever they were delivered."""

import json

from cloudledger.domain.events import Flag
from tests.adapters.builders import subscription
from tests.adapters.native_records import cloudtrail
from tests.adapters.parsed import batch_of_records, event_of

INSTANCE = "arn:aws:rds:eu-west-1:012345678901:db:orders"


def test_the_resource_is_named_by_its_parameter_in_full() -> None:
    event = event_of(cloudtrail())

    assert (event.service, event.name, event.resource) == ("rds", "ModifyDBInstance", INSTANCE)
    assert event.occurred_at == 1_795_168_800_000_000_000


def test_everything_else_that_the_event_names_is_mentioned() -> None:
    mentions = event_of(cloudtrail()).mentions

    assert {"orders", "tuned", "vpc-0123456789abcdef0", "arn:aws:iam::111111111111:role/deploy"} <= set(mentions)
    assert "arn:aws:rds:eu-west-1:012345678901:pg:tuned" in mentions
    assert "arn:aws:ec2:eu-west-1:012345678901:vpc/vpc-0123456789abcdef0" in mentions
    assert "arn:aws:sts::111111111111:assumed-role/deploy/run-7" in mentions


def test_the_account_is_the_recipients_and_keeps_its_leading_zero() -> None:
    assert event_of(cloudtrail()).account == "012345678901"


def test_an_error_code_makes_an_error() -> None:
    event = event_of(cloudtrail(errorCode="AccessDenied", errorMessage="not authorized"))

    assert (event.error, event.severity) == ("AccessDenied", 17)
    assert event_of(cloudtrail()).severity == 9


def test_event_time_wins_over_the_time_of_the_cloudwatch_envelope() -> None:
    event = event_of(subscription(cloudtrail(eventTime="2026-11-19T00:00:00Z"), group="CloudTrail/logs"))

    assert (event.format, event.occurred_at) == ("aws.cloudtrail", 1_795_046_400_000_000_000)


def test_one_event_has_one_id_from_a_file_from_lookup_events_and_from_eventbridge() -> None:
    plain = event_of(json.dumps({"Records": [json.loads(cloudtrail())]}))
    looked_up = event_of(json.dumps({"Events": [{"EventId": "1", "CloudTrailEvent": cloudtrail()}]}))
    bridged = event_of(
        json.dumps({"source": "aws.rds", "detail-type": "AWS API Call", "id": "9", "detail": json.loads(cloudtrail())})
    )

    assert plain.event_id == looked_up.event_id == bridged.event_id
    assert {plain.format, looked_up.format, bridged.format} == {"aws.cloudtrail"}


def test_the_same_event_of_two_accounts_trails_is_two_records() -> None:
    assert event_of(cloudtrail()).event_id != event_of(cloudtrail(recipientAccountId="999999999999")).event_id


def test_digest_files_and_empty_trails_give_no_event_and_no_error() -> None:
    digest = json.dumps({"awsAccountId": "1", "digestStartTime": "2026-11-20T10:00:00Z", "logFiles": []})

    assert len(batch_of_records(digest)) == 0
    assert len(batch_of_records('{"Records": []}')) == 0


def test_an_insight_names_the_call_that_it_is_about() -> None:
    insight = {"eventSource": "ssm.amazonaws.com", "eventName": "UpdateInstanceInformation", "state": "Start"}
    body = {
        "eventVersion": "1.07",
        "eventTime": "2026-11-20T10:00:00Z",
        "eventID": "5",
        "eventType": "AwsCloudTrailInsight",
        "insightDetails": insight,
    }

    event = event_of(json.dumps(body))

    assert (event.format, event.name) == ("aws.cloudtrail.insight", "UpdateInstanceInformation")


def test_a_record_whose_resources_are_no_objects_keeps_all_else() -> None:
    event = event_of(cloudtrail(resources=["{'ARN': 'x'}"]))

    assert (event.format, event.resource) == ("aws.cloudtrail", INSTANCE)
    assert event.flags & Flag.FIELD_UNREADABLE


def test_an_assumed_role_is_not_what_the_event_is_about() -> None:
    event = event_of(cloudtrail(requestParameters=None, responseElements=None))

    assert event.resource == ""
    assert "arn:aws:iam::111111111111:role/deploy" in event.mentions


def test_a_parameter_with_an_arn_names_the_resource_itself() -> None:
    arn = "arn:aws:lambda:eu-west-1:012345678901:function:pay:live"
    event = event_of(cloudtrail(eventSource="lambda.amazonaws.com", requestParameters={"functionName": arn}))

    assert event.resource == "arn:aws:lambda:eu-west-1:012345678901:function:pay"

"""AWS resources meet under one ARN, whatever a log calls them."""

import pytest

from cloudledger.domain.identity import identifiers_of, normalise_resource, parse_arn, partition_of, same_resource

ACCOUNT = "012345678901"
PREFIX = "arn:aws:{}:us-east-1:012345678901:"


@pytest.mark.parametrize(
    ("service", "written", "normal"),
    [
        ("lambda", "function:pay:live", "function:pay"),
        ("lambda", "function:pay:12", "function:pay"),
        ("lambda", "function:pay:$LATEST", "function:pay"),
        ("logs", "log-group:/aws/lambda/pay:*", "log-group:/aws/lambda/pay"),
        ("logs", "log-group:/ecs/web:log-stream:a/b/c", "log-group:/ecs/web"),
        ("ecs", "task-definition/web:12", "task-definition/web"),
        ("ecs", "service/prod/web", "service/prod/web"),
        ("states", "stateMachine:orders:3", "stateMachine:orders"),
        ("dynamodb", "table/orders/index/by-day", "table/orders"),
        ("dynamodb", "table/orders/stream/2020-01-01T00:00:00.000", "table/orders"),
        ("logs", "log-group:/ecs/web:log-stream:", "log-group:/ecs/web"),
        ("secretsmanager", "secret:prod/db-AbCdEf", "secret:prod/db"),
        ("secretsmanager", "secret:my-secret-a1b2C3", "secret:my-secret"),
        ("secretsmanager", "secret:my-secret", "secret:my-secret"),
        ("secretsmanager", "secret:db-prod01", "secret:db-prod01"),
        ("secretsmanager", "secret:prod/db-AbCdEf:password:AWSCURRENT:", "secret:prod/db"),
        (
            "autoscaling",
            "autoScalingGroup:930d940e-891e:autoScalingGroupName/web",
            "autoScalingGroup:*:autoScalingGroupName/web",
        ),
    ],
)
def test_versions_aliases_and_qualifiers_are_stripped(service: str, written: str, normal: str) -> None:
    prefix = PREFIX.format(service)

    assert normalise_resource(prefix + written) == prefix + normal
    assert same_resource(prefix + written, prefix + normal)


def test_a_secret_has_the_name_that_stands_before_its_random_end_and_no_shorter_one() -> None:
    names = identifiers_of(PREFIX.format("secretsmanager") + "secret:my-secret-AbCdEf")

    assert "my-secret" in names
    assert "my" not in names


def test_the_partitions_of_china_and_gov_cloud_are_kept_and_made() -> None:
    assert str(parse_arn("arn:aws-us-gov:s3:::logs")) == "arn:aws-us-gov:s3:::logs"
    assert partition_of("us-gov-east-1") == "aws-us-gov"
    assert normalise_resource("vol-0123456789abcdef0", account=ACCOUNT, region="cn-north-1").startswith(
        "arn:aws-cn:ec2:"
    )


def test_leading_zeros_of_an_account_survive() -> None:
    arn = parse_arn("arn:aws:sqs:us-east-1:000000000042:orders")

    assert arn is not None
    assert arn.account == "000000000042"


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:s3", "arn:aws:s3::::", "arn:other:s3:::b", "https://arn:aws:s3:::b"]
)
def test_what_is_no_arn_is_none(text: str) -> None:
    assert parse_arn(text) is None or text == "arn:aws:s3::::"


@pytest.mark.parametrize(
    ("name", "resource_type", "arn"),
    [
        ("pay", "aws_lambda_function", "lambda:us-east-1:012345678901:function:pay"),
        ("pay:7", "AWS::Lambda::Function", "lambda:us-east-1:012345678901:function:pay"),
        ("logs", "aws_s3_bucket", "s3:::logs"),
        ("deploy", "AWS::IAM::Role", "iam::012345678901:role/deploy"),
        ("db1", "aws_db_instance", "rds:us-east-1:012345678901:db:db1"),
        (
            "web",
            "aws_autoscaling_group",
            "autoscaling:us-east-1:012345678901:autoScalingGroup:*:autoScalingGroupName/web",
        ),
        ("sg-12345678", "", "ec2:us-east-1:012345678901:security-group/sg-12345678"),
        (
            "targetgroup/web/0123456789abcdef",
            "",
            "elasticloadbalancing:us-east-1:012345678901:targetgroup/web/0123456789abcdef",
        ),
        ("https://sqs.eu-west-1.amazonaws.com/999999999999/orders", "", "sqs:eu-west-1:999999999999:orders"),
        ("https://eu-west-1.queue.amazonaws.com/999999999999/orders", "", "sqs:eu-west-1:999999999999:orders"),
    ],
)
def test_names_are_completed_from_account_region_and_type(name: str, resource_type: str, arn: str) -> None:
    normal = normalise_resource(name, provider="aws", account=ACCOUNT, region="us-east-1", resource_type=resource_type)

    assert normal == f"arn:aws:{arn}"


@pytest.mark.parametrize("name", ["web", "i-0123456789abcdef0", "app/shop/0123456789abcdef", ""])
def test_a_name_that_cannot_be_completed_stays(name: str) -> None:
    assert normalise_resource(name, provider="aws") == name


def test_an_integration_path_of_api_gateway_means_its_function() -> None:
    function = PREFIX.format("lambda") + "function:pay"
    path = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}:live/invocations"

    assert normalise_resource(path) == function


@pytest.mark.parametrize(
    ("arn", "names"),
    [
        ("lambda:us-east-1:012345678901:function:pay:live", {"pay", "/aws/lambda/pay"}),
        (
            "elasticloadbalancing:us-east-1:012345678901:loadbalancer/app/shop/0123456789abcdef",
            {"app/shop/0123456789abcdef", "shop"},
        ),
        ("s3:::logs/a/b", {"logs", "arn:aws:s3:::logs"}),
        ("ec2:us-east-1:012345678901:instance/i-0123456789abcdef0", {"i-0123456789abcdef0"}),
        ("secretsmanager:us-east-1:012345678901:secret:prod/db-AbCdEf", {"prod/db"}),
        ("sts::012345678901:assumed-role/deploy/session", {"arn:aws:iam::012345678901:role/deploy"}),
        ("rds:us-east-1:012345678901:db:main", {"main", "/aws/rds/instance/main"}),
        ("sqs:us-east-1:012345678901:orders", {"orders", "https://sqs.us-east-1.amazonaws.com/012345678901/orders"}),
        ("ecs:us-east-1:012345678901:service/prod/web", {"web", "prod/web"}),
        ("autoscaling:us-east-1:012345678901:autoScalingGroup:9-a:autoScalingGroupName/web", {"web"}),
    ],
)
def test_a_resource_knows_the_names_that_logs_use(arn: str, names: set[str]) -> None:
    assert names <= set(identifiers_of(f"arn:aws:{arn}"))
    assert identifiers_of(f"arn:aws:{arn}")[0] == normalise_resource(f"arn:aws:{arn}")

import pytest

from cloudledger.adapters.records import Origin
from cloudledger.adapters.terraform import run_of
from cloudledger.adapters.terraform.resource_address import configuration_address, parse_address


@pytest.mark.parametrize(
    ("text", "module", "name", "key"),
    [
        ("aws_sqs_queue.jobs", "", "jobs", ""),
        ("aws_sqs_queue.jobs[12]", "", "jobs", "12"),
        ('aws_sqs_queue.jobs["a/b"]', "", "jobs", '"a/b"'),
        ('aws_sqs_queue.jobs["a.b[0]"]', "", "jobs", '"a.b[0]"'),
        ('aws_sqs_queue.jobs["say \\"hi\\""]', "", "jobs", '"say \\"hi\\""'),
        ('module.svc["é d"].module.db.aws_sqs_queue.jobs', 'module.svc["é d"].module.db', "jobs", ""),
        ("module.a[0].data.aws_sqs_queue.jobs", "module.a[0]", "jobs", ""),
    ],
)
def test_an_address_is_read_token_by_token(text: str, module: str, name: str, key: str) -> None:
    parsed = parse_address(text)

    assert parsed is not None
    assert (parsed.module, parsed.resource_type, parsed.name, parsed.key) == (module, "aws_sqs_queue", name, key)
    assert parsed.mode == ("data" if ".data." in text else "managed")


@pytest.mark.parametrize("text", ["", "jobs", "a.b.c", 'aws_sqs_queue.jobs["open', "aws_sqs_queue..jobs", "module.x"])
def test_what_is_no_address_gives_none(text: str) -> None:
    assert parse_address(text) is None


def test_instance_keys_are_cut_out_of_configuration_addresses() -> None:
    assert configuration_address('module.a["x.y"].b.c[3]') == "module.a.b.c"


@pytest.mark.parametrize(
    ("key", "deployment"),
    [
        ("exports/42_fix.plan.json", "exports/42_fix"),
        ("exports/42_fix.apply.jsonl", "exports/42_fix"),
        ("exports/42_fix.tfstate", "exports/42_fix"),
        ("exports/42_fix.tfstate#1", "exports/42_fix"),
        ("./exports/plan-42.json", "exports/42"),
        ("exports/apply-42.jsonl", "exports/42"),
        ("runs/42/plan.json", "runs/42"),
        ("runs/42/apply.jsonl", "runs/42"),
        ("runs/42/terraform.tfstate", "runs/42"),
        ("/home/me/a/b/runs/42/state.json", "b/runs/42"),
        ("plan.json", "terraform"),
        ("42.json", "42"),
    ],
)
def test_files_of_one_run_are_known_by_their_place(key: str, deployment: str) -> None:
    assert run_of(Origin(key)).deployment_id == deployment


def test_what_the_user_tells_comes_before_what_is_derived() -> None:
    run = run_of(Origin("a/plan.json", {"run": "42", "stack": "shop", "actor": "ana", "commit": "c0ffee"}))

    assert (run.deployment_id, run.change_set, run.stack, run.actor, run.commit) == (
        "42",
        "42",
        "shop",
        "ana",
        "c0ffee",
    )


def test_runs_below_one_directory_are_of_one_stack() -> None:
    assert run_of(Origin("prod/41.plan.json")).stack == run_of(Origin("prod/42/plan.json")).stack == "prod"

"""Events in the Elastic Common Schema: its names for every attribute that it has, and examples of each cloud."""

import json
from pathlib import Path

import pytest

from cloudledger.adapters import attributes_of
from cloudledger.adapters.exports import ECS_VERSION, export, to_ecs
from cloudledger.adapters.exports.ecs import ecs_fields
from cloudledger.adapters.semantic_conventions import type_of
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.events import Event, LogRecorded, MetricRecorded
from cloudledger.store import Ledger
from tests.adapters.builders import gke_entry
from tests.adapters.exports.test_ocsf import FACTS
from tests.adapters.native_records import EXAMPLES, alb, cloudtrail, gcp_audit
from tests.adapters.parsed import batch_of_records, event_of
from tests.adapters.test_vocabulary import RECORDS

SAME = """
client.address client.port cloud.account.id cloud.availability_zone cloud.provider cloud.region container.id
container.image.name container.name destination.address destination.port device.id device.manufacturer
device.model.identifier device.model.name dns.question.name error.type faas.coldstart faas.name faas.version
file.accessed file.attributes file.created file.directory file.extension file.fork_name file.inode file.mode file.name
file.path file.size gen_ai.operation.name gen_ai.request.model gen_ai.usage.input_tokens gen_ai.usage.output_tokens
host.id host.ip host.mac host.name host.type http.request.method http.response.status_code log.file.path
network.transport network.type process.args_count process.command_line process.interactive process.pid process.title
process.vpid process.working_directory server.address server.port service.name service.version source.address
source.port tls.cipher tls.client.certificate tls.client.certificate_chain tls.client.hash.md5 tls.client.hash.sha1
tls.client.hash.sha256 tls.client.issuer tls.client.ja3 tls.client.not_after tls.client.not_before tls.client.subject
tls.client.supported_ciphers tls.curve tls.established tls.next_protocol tls.resumed tls.server.certificate
tls.server.certificate_chain tls.server.hash.md5 tls.server.hash.sha1 tls.server.hash.sha256 tls.server.issuer
tls.server.ja3s tls.server.not_after tls.server.not_before tls.server.subject url.domain url.extension url.fragment
url.full url.original url.path url.port url.query url.registered_domain url.scheme url.subdomain url.top_level_domain
user.email user.full_name user.hash user.id user.name user.roles user_agent.name user_agent.original
user_agent.version process.real_user.id process.saved_user.id process.user.id process.real_user.name
process.saved_user.name process.user.name process.group_leader.pid process.session_leader.pid
"""
EQUIVALENT = """
cloud.platform=cloud.service.name container.image.repo_digests=container.image.hash.all
container.image.tags=container.image.tag container.runtime.name=container.runtime exception.message=error.message
exception.stacktrace=error.stack_trace faas.invocation_id=faas.execution faas.trigger=faas.trigger.type
file.changed=file.ctime file.group.id=file.gid file.group.name=file.group file.modified=file.mtime
file.owner.name=file.owner file.symbolic_link.target_path=file.target_path file.owner.id=file.uid
gen_ai.provider.name=gen_ai.system geo.locality.name=client.geo.city_name
geo.continent.code=client.geo.continent_code geo.country.iso_code=client.geo.country_iso_code
geo.region.iso_code=client.geo.region_iso_code geo.postal_code=client.geo.postal_code host.arch=host.architecture
http.request.body.size=http.request.body.bytes http.request.size=http.request.bytes
http.request.method_original=http.request.method http.response.body.size=http.response.body.bytes
http.response.size=http.response.bytes network.protocol.name=network.protocol os.description=host.os.full
os.name=host.os.name os.version=host.os.version process.command_args=process.args
process.executable.path=process.executable deployment.environment.name=service.environment
service.instance.id=service.node.name
"""
"""https://www.elastic.co/docs/reference/ecs/ecs-otel-alignment-details: relations `match` and `equivalent`."""

PAIRS = [*((name, name) for name in SAME.split()), *(tuple(pair.split("=")) for pair in EQUIVALENT.split())]


@pytest.mark.parametrize(("attribute", "field"), PAIRS)
def test_every_attribute_with_an_equivalent_has_its_name_there(attribute: str, field: str) -> None:
    assert type_of(attribute)
    assert ecs_fields({attribute: "v"})[field] == "v"
    assert attribute == field or attribute not in ecs_fields({attribute: "v"})


@pytest.mark.parametrize("name", RECORDS)
def test_a_document_has_what_the_schema_requires_and_loses_nothing(name: str) -> None:
    event = event_of(RECORDS[name])
    document = to_ecs(event)

    assert document["ecs"]["version"] == ECS_VERSION == "9.3.0"
    assert document["@timestamp"].endswith("Z")
    assert document["event"]["kind"] in ("event", "alert")
    assert document["event"]["dataset"] == event.format
    text = json.dumps(document)
    for value in attributes_of(event).values():
        parts = value if isinstance(value, list) else [value]
        assert all(json.dumps(part).strip('"') in text for part in parts), value


@pytest.mark.parametrize("event", FACTS, ids=lambda event: type(event).__name__)
def test_other_events_than_logs_have_documents_too(event: Event) -> None:
    document = to_ecs(event)

    kinds = {"MetricRecorded": "metric", "CostRecorded": "metric", "RecordRejected": "pipeline_error"}
    assert document["event"]["kind"] == kinds.get(type(event).__name__, "event")
    assert "cloudledger" in document


def test_a_cloudtrail_call_is_of_the_api_category() -> None:
    document = to_ecs(event_of(cloudtrail(errorCode="AccessDenied")))

    assert document["event"]["category"] == ["api"]
    assert document["event"]["type"] == ["change"]
    assert document["event"]["outcome"] == "failure"
    assert document["event"]["action"] == "ModifyDBInstance"
    assert document["event"]["provider"] == "rds.amazonaws.com"
    assert document["cloud"]["account"] == {"id": "012345678901"}
    assert document["user"]["name"] == "deploy"
    assert document["related"] == {"ip": ["198.51.100.7"], "user": document["related"]["user"]}
    assert document["error"]["type"] == "AccessDenied"
    assert document["log"]["level"] == "error"


def test_a_request_of_a_load_balancer_is_of_the_web_category() -> None:
    document = to_ecs(event_of(alb()))

    assert (document["event"]["category"], document["event"]["type"]) == (["web"], ["access"])
    assert document["http"] == {
        "request": {"method": "GET", "bytes": 34},
        "response": {"status_code": 502, "bytes": 366},
        "version": "1.1",
    }
    assert document["client"] == {"address": "192.0.2.9", "ip": "192.0.2.9", "port": 2817}
    assert document["event"]["duration"] == 503_000_000
    assert document["tls"]["version"] == "1.2"
    assert document["trace"] == {"id": "5833726236d228ad5d99923122bbe354"}


def test_a_flow_is_of_the_network_category_with_its_verdict() -> None:
    document = to_ecs(event_of(EXAMPLES["aws.vpcflow"]))

    assert document["event"]["type"] == ["connection", "denied"]
    assert (document["network"]["bytes"], document["network"]["packets"]) == (4249, 20)
    assert document["network"]["transport"] == "tcp"


def test_an_audited_call_of_google_cloud_names_its_project() -> None:
    document = to_ecs(event_of(gcp_audit()))

    assert document["cloud"]["project"] == {"id": "shop-prod"}
    assert document["event"]["provider"] == "cloudsql.googleapis.com"
    assert document["@timestamp"] == "2026-11-20T10:00:00.123456789Z"


def test_an_operation_on_azure_failed() -> None:
    document = to_ecs(event_of(EXAMPLES["azure.activity"]))

    assert (document["event"]["outcome"], document["error"]["type"]) == ("failure", "ServerBusy")
    assert document["azure"]["category"] == "Administrative"


def test_a_container_is_placed_by_the_orchestrator_fields() -> None:
    document = to_ecs(event_of(gke_entry("paid")))

    assert document["message"] == "paid"
    assert document["orchestrator"]["namespace"] == "shop"
    assert document["orchestrator"]["resource"] == {"name": "mail-86f5f97bc9-dkqmf", "type": "pod"}
    assert document["container"]["name"] == "server"


def test_answers_of_dns_are_objects_and_methods_keep_their_case() -> None:
    assert ecs_fields({"dns.answers": ["192.0.2.1"]}) == {"dns.answers": [{"data": "192.0.2.1"}]}
    methods = {"http.request.method": "_OTHER", "http.request.method_original": "get"}
    assert ecs_fields(methods)["http.request.method"] == "get"


def test_a_field_whose_place_is_taken_becomes_a_label() -> None:
    event = LogRecorded(format="app.json", payload=b'{"log":{"level":"odd"},"a":1,"a.b":2}')

    document = to_ecs(event)

    assert document["app"]["a"] == 1
    assert document["labels"]["app_a_b"] == "2"


@pytest.mark.parametrize("as_", ["ecs", "ocsf"])
def test_a_ledger_a_batch_and_events_are_exported_as_lines(tmp_path: Path, as_: str) -> None:
    batch = batch_of_records(*list(EXAMPLES.values())[:5], gke_entry("\ud800 paid"))
    with Ledger.open(str(tmp_path)) as ledger:
        ledger.append("s", batch)
        lines = list(export(ledger, as_=as_))

    assert len(lines) == len(batch)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 and json.loads(line) for line in lines)
    assert list(export([batch], as_=as_)) == list(export(batch, as_=as_))
    assert len(list(export([MetricRecorded(value=1.0), EventBatch.build(2)], as_=as_))) == 3


def test_an_unknown_schema_is_refused_at_once() -> None:
    with pytest.raises(InvalidArgumentError, match="as_ 'cef': known are ecs, ocsf"):
        export([], as_="cef")

"""The attribute names of OpenTelemetry's semantic conventions, and the type of each.

Used where attributes are decoded: a name of the conventions has the conventions' type, everything else stands under its
provider's prefix. Version 1.44.0 of the registry, https://opentelemetry.io/docs/specs/semconv/registry/attributes/.
Generative AI has a registry of its own, of which clouds' logs write a handful of names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

VERSION: Final = "1.44.0"

_STRINGS: Final = """
android: os.api_level
app: build_id crash.id installation.id screen.id screen.name widget.id widget.name
artifact: attestation.filename attestation.hash attestation.id filename hash purl version
aspnetcore: authentication.scheme authorization.policy diagnostics.handler.type identity.error_code
  identity.user_type memory_pool.owner rate_limiting.policy
aws: bedrock.guardrail.id bedrock.knowledge_base.id dynamodb.exclusive_start_table dynamodb.index_name
  dynamodb.item_collection_metrics dynamodb.projection dynamodb.select ecs.cluster.arn ecs.container.arn
  ecs.task.arn ecs.task.family ecs.task.id ecs.task.revision eks.cluster.arn extended_request_id kinesis.stream_name
  lambda.invoked_arn lambda.resource_mapping.id request_id s3.bucket s3.copy_source s3.delete s3.key s3.upload_id
  secretsmanager.secret.arn sns.topic.arn sqs.queue.url step_functions.activity.arn step_functions.state_machine.arn
azure: client.id resource_group.name resource_provider.namespace service.request.id
browser: document.url.full language platform web_vital.id
cassandra: coordinator.dc coordinator.id
cicd: pipeline.name pipeline.run.id pipeline.run.url.full pipeline.task.name pipeline.task.run.id
  pipeline.task.run.url.full system.component worker.id worker.name worker.url.full
client: address
cloud: account.id availability_zone region resource_id
cloudevents: event_id event_source event_spec_version event_subject event_type
cloudfoundry: app.id app.instance.id app.name org.id org.name process.id process.type space.id space.name system.id
  system.instance.id
code: file.path function.name stacktrace
container: command command_line csi.plugin.name csi.volume.id id image.id image.name name runtime.description
  runtime.name runtime.version
db: client.connection.pool.name collection.name namespace operation.name query.summary query.text
  response.status_code stored_procedure.name
deployment: id name
destination: address
device: id manufacturer model.identifier model.name
dns: question.name
elasticsearch: node.name
enduser: id pseudo.id
exception: message stacktrace type
faas: cron document.collection document.name document.time instance invocation_id invoked_name invoked_region name
  time version
feature_flag: context.id error.message key provider.name result.variant set.id version
file: accessed changed created directory extension fork_name group.id group.name inode lock.mechanism lock.mode mode
  modified name owner.id owner.name path symbolic_link.target_path
gcp: apphub.application.container apphub.application.id apphub.application.location apphub.service.id
  apphub.workload.id apphub_destination.application.container apphub_destination.application.id
  apphub_destination.application.location apphub_destination.service.id apphub_destination.workload.id
  client.service cloud_run.job.execution gce.instance.hostname gce.instance.name gce.instance_group_manager.name
  gce.instance_group_manager.region gce.instance_group_manager.zone
gen_ai: agent.id agent.name conversation.id request.model response.id response.model tool.name
geo: country.iso_code locality.name postal_code region.iso_code
go: cpu.detailed_state memory.detailed_type
graphql: document operation.name
heroku: app.id release.commit release.creation_timestamp
host: cpu.family cpu.model.id cpu.model.name cpu.stepping cpu.vendor.id id image.id image.name image.version name
  type
http: request.method_original route
hw: battery.capacity battery.chemistry bios_version driver_version enclosure.type firmware_version id
  logical_disk.raid_level memory.type model name network.physical_address parent physical_disk.smart_attribute
  physical_disk.type sensor_location serial_number vendor
jsonrpc: protocol.version request.id
jvm: buffer.pool.name gc.action gc.cause gc.name memory.pool.name
k8s: cluster.name cluster.uid container.name container.status.last_terminated_reason cronjob.name cronjob.uid
  daemonset.name daemonset.uid deployment.name deployment.uid hpa.metric.type hpa.name
  hpa.scaletargetref.api_version hpa.scaletargetref.kind hpa.scaletargetref.name hpa.uid hugepage.size job.name
  job.uid namespace.name node.name node.system_container.name node.uid persistentvolume.name persistentvolume.uid
  persistentvolumeclaim.name persistentvolumeclaim.uid pod.hostname pod.ip pod.name pod.start_time pod.uid
  replicaset.name replicaset.uid replicationcontroller.name replicationcontroller.uid resourcequota.name
  resourcequota.resource_name resourcequota.uid service.endpoint.zone service.name service.traffic_distribution
  service.uid statefulset.name statefulset.uid storageclass.name volume.name
log: file.name file.name_resolved file.path file.path_resolved record.original record.uid
mainframe: lpar.name
messaging: client.id consumer.group.name destination.name destination.partition.id destination.subscription.name
  destination.template gcp_pubsub.message.ack_id gcp_pubsub.message.ordering_key kafka.cluster.id kafka.message.key
  message.conversation_id message.id operation.name rabbitmq.destination.routing_key rocketmq.message.group
  rocketmq.message.tag rocketmq.namespace
network: carrier.icc carrier.mcc carrier.mnc carrier.name interface.name local.address peer.address protocol.name
  protocol.version
nfs: operation.name server.repcache.status
oci: manifest.digest
onc_rpc: procedure.name program.name
openshift: clusterquota.name clusterquota.uid
oracle: db.domain db.instance.name db.name db.pdb db.service
oracle_cloud: realm
os: build_id description name version
otel: component.name event.name scope.name scope.schema_url scope.version status_description
pprof: profile.doc_url profile.drop_frames profile.keep_frames scope.default_sample_type
process: command command_line creation.time executable.build_id.gnu executable.build_id.go
  executable.build_id.htlhash executable.name executable.path exit.time linux.cgroup owner real_user.name
  runtime.description runtime.name runtime.version saved_user.name title user.name working_directory
rpc: method method_original status_code
security_rule: category description license name reference ruleset.name uuid version
server: address
service: instance.id name namespace peer.name peer.namespace version
session: id previous_id
source: address
system: device filesystem.mode filesystem.mountpoint
telemetry: distro.name distro.version sdk.name sdk.version
test: case.name suite.name
thread: name
tls: cipher client.certificate client.hash.md5 client.hash.sha1 client.hash.sha256 client.issuer client.ja3
  client.not_after client.not_before client.subject curve next_protocol protocol.version server.certificate
  server.hash.md5 server.hash.sha1 server.hash.sha256 server.issuer server.ja3s server.not_after server.not_before
  server.subject
url: domain extension fragment full original path query registered_domain scheme subdomain template top_level_domain
user: email full_name hash id name
user_agent: name original os.name os.version version
vcs: change.id change.title owner.name ref.base.name ref.base.revision ref.head.name ref.head.revision
  repository.name repository.url.full
webengine: description name version
zos: smf.id sysplex.name
"""

_CHOICES: Final = """
android: app.state
aspnetcore: authentication.result authorization.result diagnostics.exception.result identity.password_check_result
  identity.result identity.sign_in.result identity.sign_in.type identity.token_purpose identity.token_verified
  identity.user.update_type rate_limiting.result routing.match_status
aws: ecs.launchtype
azure: cosmosdb.connection.mode cosmosdb.consistency.level
browser: web_vital.name web_vital.navigation_type web_vital.rating
cassandra: consistency.level
cicd: pipeline.action.name pipeline.result pipeline.run.state pipeline.task.run.result pipeline.task.type
  worker.state
cloud: platform provider
cpu: mode
cpython: gc.generation
db: client.connection.state system.name
deployment: environment.name status
disk: io.direction
dotnet: gc.heap.generation
error: type
faas: document.operation invoked_provider trigger
feature_flag: result.reason
file: lock.type
gcp: apphub.service.criticality_type apphub.service.environment_type apphub.workload.criticality_type
  apphub.workload.environment_type apphub_destination.service.criticality_type
  apphub_destination.service.environment_type apphub_destination.workload.criticality_type
  apphub_destination.workload.environment_type
gen_ai: operation.name output.type provider.name token.type
geo: continent.code
go: cpu.state memory.type
graphql: operation.type
host: arch
http: connection.state request.method
hw: battery.state gpu.task limit_type logical_disk.state physical_disk.state state tape_drive.operation_type type
ios: app.state
jvm: memory.type thread.state
k8s: container.ephemeral_storage.fs_type container.status.reason container.status.state namespace.phase
  node.condition.status node.condition.type persistentvolume.reclaim_policy persistentvolume.status.phase
  persistentvolumeclaim.status.phase pod.status.phase pod.status.reason service.endpoint.address_type
  service.endpoint.condition service.type volume.type
log: iostream
messaging: operation.type rocketmq.consumption_model rocketmq.message.type servicebus.disposition_status system
network: connection.state connection.subtype connection.type io.direction transport type
nodejs: eventloop.state
opentracing: ref_type
os: type
otel: component.type span.parent.origin span.sampling_result status_code
process: context_switch.type state
profile: frame.type
rpc: system.name
service: criticality
signalr: connection.status transport
system: filesystem.state filesystem.type memory.linux.hugepages.state memory.linux.slab.state memory.state
  paging.direction paging.fault.type paging.state
telemetry: sdk.language
test: case.result.status suite.run.status
tls: protocol.name
user_agent: synthetic.type
v8js: gc.type heap.space.name resource.type
vcs: change.state line_change.type provider.name ref.base.type ref.head.type ref.type revision_delta.direction
"""
"""Texts of which the conventions list the usual ones; others may stand there too."""

_INTEGERS: Final = """
app: jank.frame_count screen.coordinate.x screen.coordinate.y
aws: dynamodb.count dynamodb.limit dynamodb.scanned_count dynamodb.segment dynamodb.table_count
  dynamodb.total_segments s3.part_number
azure: cosmosdb.request.body.size cosmosdb.response.sub_status_code
cassandra: page.size speculative_execution.count
client: port
code: column.number line.number
cpu: logical_number
db: operation.batch.size response.returned_rows
destination: port
faas: max_memory
file: size
gcp: cloud_run.job.task_index
gen_ai: request.max_tokens usage.input_tokens usage.output_tokens
host: cpu.cache.l2.size
http: request.body.size request.resend_count request.size response.body.size response.size response.status_code
k8s: container.restart_count
messaging: batch.message_count eventhubs.message.enqueued_time gcp_pubsub.message.ack_deadline
  gcp_pubsub.message.delivery_attempt kafka.offset message.body.size message.envelope.size
  rabbitmq.message.delivery_tag rocketmq.message.delay_time_level rocketmq.message.delivery_timestamp
  servicebus.message.delivery_count servicebus.message.enqueued_time
network: local.port peer.port
onc_rpc: procedure.number version
process: args_count exit.code group_leader.pid parent_pid pid real_user.id saved_user.id session_leader.pid user.id
  vpid
server: port
source: port
thread: id
url: port
"""

_DOUBLES: Final = """
app: jank.period jank.threshold
aws: dynamodb.provisioned_read_capacity dynamodb.provisioned_write_capacity
azure: cosmosdb.operation.request_charge
browser: web_vital.delta web_vital.value
gen_ai: request.temperature request.top_p
geo: location.lat location.lon
"""

_BOOLEANS: Final = """
aspnetcore: request.is_unhandled routing.is_fallback sign_in.is_persistent user.is_authenticated
aws: dynamodb.consistent_read dynamodb.scan_forward
browser: mobile
cassandra: query.idempotent
faas: coldstart
jvm: thread.daemon
k8s: service.publish_not_ready_addresses
messaging: destination.anonymous destination.temporary kafka.message.tombstone
pprof: location.is_folded mapping.has_filenames mapping.has_functions mapping.has_inline_frames
  mapping.has_line_numbers
process: interactive
tls: established resumed
"""

_LISTS: Final = """
aws: dynamodb.attribute_definitions dynamodb.attributes_to_get dynamodb.consumed_capacity
  dynamodb.global_secondary_index_updates dynamodb.global_secondary_indexes dynamodb.local_secondary_indexes
  dynamodb.table_names log.group.arns log.group.names log.stream.arns log.stream.names
azure: cosmosdb.operation.contacted_regions
browser: brands
container: command_args image.repo_digests image.tags
dns: answers
file: attributes
gen_ai: response.finish_reasons
host: ip mac
hw: network.logical_addresses
messaging: rocketmq.message.keys
pprof: profile.comment
process: command_args
tls: client.certificate_chain client.supported_ciphers server.certificate_chain
user: roles
"""

_TEXT_TEMPLATES: Final = """
container: label
db: operation.parameter query.parameter
gcp: gce.instance.labels
k8s: cronjob.annotation cronjob.label daemonset.annotation daemonset.label deployment.annotation deployment.label
  job.annotation job.label namespace.annotation namespace.label node.annotation node.label
  persistentvolume.annotation persistentvolume.label persistentvolumeclaim.annotation persistentvolumeclaim.label
  pod.annotation pod.label replicaset.annotation replicaset.label service.annotation service.label service.selector
  statefulset.annotation statefulset.label
process: environment_variable
"""
"""Names that end with a key of the record's own, like `k8s.pod.label.app`."""

_LIST_TEMPLATES: Final = """
http: request.header response.header
rpc: request.metadata response.metadata
"""
"""Names that end with a key of the record's own and hold lists, like `http.request.header.accept`."""

_ANYTHING: Final = """
feature_flag: result.value
http: request.body.content response.body.content
"""


_SIZES: Final = frozenset({"http.request.header.size", "http.response.header.size"})
"""Measures that OpenTelemetry's collector adds; by the template below they would be headers of the name size."""


def _names(block: str) -> Iterator[str]:
    space = ""
    for word in block.split():
        if word.endswith(":"):
            space = word[:-1]
        else:
            yield f"{space}.{word}"


def _typed() -> dict[str, str]:
    blocks = {
        "string": _STRINGS + _CHOICES,
        "int": _INTEGERS,
        "double": _DOUBLES,
        "boolean": _BOOLEANS,
        "string[]": _LISTS,
        "any": _ANYTHING,
    }
    return {name: kind for kind, block in blocks.items() for name in _names(block)}


TYPES: Final[Mapping[str, str]] = _typed()
"""Name to type: string, int, double, boolean, string[] or any."""

_TEMPLATES: Final = {
    **dict.fromkeys(_names(_TEXT_TEMPLATES), "string"),
    **dict.fromkeys(_names(_LIST_TEMPLATES), "string[]"),
}

NAMESPACES: Final = frozenset(name.partition(".")[0] for name in (*TYPES, *_TEMPLATES))
"""The first words of all names."""


@lru_cache(maxsize=1 << 16)
def type_of(name: str) -> str:
    """Return the type that the conventions give an attribute; "" for a name that they do not have.

    >>> type_of("client.port"), type_of("http.request.header.accept"), type_of("aws.elb.listener")
    ('int', 'string[]', '')
    """
    if name in TYPES:
        return TYPES[name]
    if name in _SIZES:
        return "int"
    return next((kind for stem, kind in _TEMPLATES.items() if name.startswith(stem + ".")), "")

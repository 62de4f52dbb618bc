"""Write the lines of containers in the envelopes of the three clouds.

Between the traffic and the files: Fluent Bit records of EKS in CloudWatch envelopes, ContainerLogV2 rows of AKS,
LogEntry objects of GKE. Each gives, per service, a function that writes one line.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from . import places
from .clock import utc_text
from .cloudwatch import CloudWatchFiles, stream_head
from .delivery import Delivery
from .log_styles import line_text
from .native_file import FileSet
from .pods import Pod, pods_of
from .services import Service
from .volumes import AWS_EVENT_OVERHEAD, Volumes

_REGISTRY = f"{places.AWS_ACCOUNT}.dkr.ecr.{places.AWS_REGION}.amazonaws.com"

Emit = Callable[[int, str, str, str, str, str], None]
"""Write one line of a service: instant, level, message, trace id, span id, parent span id."""


def compact(value: object) -> str:
    """Return compact JSON.

    >>> compact({"a": [1, 2]})
    '{"a":[1,2]}'
    """
    return json.dumps(value, separators=(",", ":"))


def escaped(text: str) -> str:
    r"""Return a text as the inside of a JSON string; log lines here hold no control characters.

    >>> escaped('say "x"')
    'say \\"x\\"'
    """
    return text.replace("\\", "\\\\").replace('"', '\\"')


class EksContainers:
    """Fluent Bit's records with its Kubernetes filter, as Container Insights ships them."""

    def __init__(self, cloudwatch: CloudWatchFiles, volumes: Volumes, seed: int) -> None:
        self._cloudwatch, self._volumes, self._seed = cloudwatch, volumes, seed

    def emitter(self, service: Service) -> Emit:
        """Return the function that writes a service's lines."""
        style, pods = line_text(service), pods_of(service, self._seed)
        heads = [stream_head(places.EKS_LOG_GROUP, _stream(pod)) for pod in pods]
        tails = [escaped(f',"kubernetes":{_fluent_bit(pod)}}}') for pod in pods]
        overhead = [
            len(f'{{"log":"","stream":"stdout","time":"{utc_text(0, 9)}","kubernetes":{_fluent_bit(pod)}}}') + 2
            for pod in pods
        ]
        count, write, add = len(pods), self._cloudwatch.write, self._volumes.add
        group = (places.EKS_LOG_GROUP, service.name)

        def emit(at_us: int, level: str, message: str, trace: str, span: str, parent: str) -> None:
            pod = at_us % count
            text = escaped(style(at_us, level, message, trace, span, parent))
            add(group, at_us, len(text) + overhead[pod] + AWS_EVENT_OVERHEAD)
            source = "stderr" if level == "ERROR" else "stdout"
            end = f'\\"stream\\":\\"{source}\\",\\"time\\":\\"{utc_text(at_us + 40, 9)}\\"{tails[pod]}'
            write(heads[pod], at_us, f'{{\\"log\\":\\"{escaped(text)}\\\\n\\",{end}')

        return emit


class AksContainers:
    """Rows of the Log Analytics table ContainerLogV2."""

    def __init__(self, files: FileSet, volumes: Volumes, seed: int) -> None:
        self._files, self._volumes, self._seed = files, volumes, seed
        self._file = files.open("azure/container-logs/PT1H-00.json")
        self._bits = Random(f"items {seed}").getrandbits
        self._delivery = Delivery(f"aks delivery {seed}")

    def start_hour(self, hour: int) -> None:
        """Go on in the file of the next hour."""
        self._file = self._files.open(f"azure/container-logs/PT1H-{hour:02d}.json")

    def emitter(self, service: Service) -> Emit:
        """Return the function that writes a service's lines."""
        style, pods = line_text(service), pods_of(service, self._seed)
        middles = [_container_columns(pod) for pod in pods]
        tails = [_container_tail(pod) for pod in pods]
        billed = [_billed_columns(pod) for pod in pods]
        count, is_json = len(pods), service.style == "json"
        bits, add, group = self._bits, self._volumes.add, (places.WORKSPACE_ID, service.name)

        def emit(at_us: int, level: str, message: str, trace: str, span: str, parent: str) -> None:
            pod = at_us % count
            text = style(at_us, level, message, trace, span, parent)
            size = billed[pod] + len(text) + len(level)
            item = f"{bits(128):032x}"
            source = "stderr" if level == "ERROR" else "stdout"
            shown = text if is_json else f'"{escaped(text)}"'
            add(group, at_us, size)
            self._write(
                f'{{"TimeGenerated":"{utc_text(at_us + 55, 7)}"{middles[pod]},"LogMessage":{shown},'
                f'"LogSource":"{source}","LogLevel":"{level.lower()}"{tails[pod]},"_ItemId":"'
                f'{item[:8]}-{item[8:12]}-{item[12:16]}-{item[16:20]}-{item[20:]}","_BilledSize":{size}}}'
            )

        return emit

    def close(self) -> None:
        """Write what was held back."""
        self._release(-1)

    def _write(self, row: str) -> None:
        if self._delivery.deliver(row):
            self._file.write(row)
        if self._delivery.held:
            self._release(self._file.records)

    def _release(self, written: int) -> None:
        for row, is_duplicate in self._delivery.release(written):
            self._file.write(row)
            self._file.duplicates += is_duplicate


class GkeContainers:
    """LogEntry objects of resource type k8s_container."""

    def __init__(self, files: FileSet, volumes: Volumes, seed: int) -> None:
        self._files, self._volumes, self._seed = files, volumes, seed
        self._file = files.open("gcp/stdout/00.ndjson.zst")
        self._bits = Random(f"inserts {seed}").getrandbits
        self._delivery = Delivery(f"gke delivery {seed}")

    def start_hour(self, hour: int) -> None:
        """Go on in the file of the next hour."""
        self._file = self._files.open(f"gcp/stdout/{hour:02d}.ndjson.zst")

    def emitter(self, service: Service) -> Emit:
        """Return the function that writes a service's lines."""
        style, pods = line_text(service), pods_of(service, self._seed)
        middles = [_entry_resource(pod) for pod in pods]
        count, is_json, in_entry = len(pods), service.style == "json", service.style != "text"
        bits, add, group = self._bits, self._volumes.add, (f"projects/{places.GCP_PROJECT}", service.name)
        severities = {"WARN": "WARNING"}

        def emit(at_us: int, level: str, message: str, trace: str, span: str, parent: str) -> None:
            pod = at_us % count
            text = style(at_us, level, message, trace, span, parent)
            payload = f'"jsonPayload":{text}' if is_json else f'"textPayload":"{escaped(text)}"'
            stream = "stderr" if level == "ERROR" else "stdout"
            ids = ""
            if in_entry and trace:  # the logging agent lifts the trace of structured lines; text keeps it to itself
                ids = f',"trace":"projects/{places.GCP_PROJECT}/traces/{trace}","spanId":"{span}","traceSampled":true'
            entry = (
                f'{{"insertId":"{bits(64):016x}",{payload}{middles[pod]},"timestamp":"{utc_text(at_us + 30, 9)}",'
                f'"receiveTimestamp":"{utc_text(at_us + 600_000 + bits(19), 9)}","severity":'
                f'"{severities.get(level, level)}","logName":"projects/{places.GCP_PROJECT}/logs/{stream}"{ids}}}'
            )
            add(group, at_us, len(entry))
            self._write(entry)

        return emit

    def close(self) -> None:
        """Write what was held back."""
        self._release(-1)

    def _write(self, entry: str) -> None:
        if self._delivery.deliver(entry):
            self._file.write(entry)
        if self._delivery.held:
            self._release(self._file.records)

    def _release(self, written: int) -> None:
        for entry, is_duplicate in self._delivery.release(written):
            self._file.write(entry)
            self._file.duplicates += is_duplicate


def _stream(pod: Pod) -> str:
    log = f"{pod.name}_{places.NAMESPACE}_server-{pod.container_id}.log"
    return f"{pod.node}-application.var.log.containers.{log}"


def _fluent_bit(pod: Pod) -> str:
    return compact(
        {
            "pod_name": pod.name,
            "namespace_name": places.NAMESPACE,
            "host": pod.node,
            "container_name": "server",
            "container_image": f"{_REGISTRY}/{pod.service}:2026.11.3",
            "labels": {"app": pod.service},
        }
    )


def _container_columns(pod: Pod) -> str:
    columns = {
        "Computer": pod.node,
        "ContainerId": pod.container_id,
        "ContainerName": "server",
        "PodName": pod.name,
        "PodNamespace": places.NAMESPACE,
    }
    return "," + compact(columns)[1:-1]


def _kubernetes_metadata(pod: Pod) -> dict[str, object]:
    return {
        "image": f"shopacr.azurecr.io/{pod.service}",
        "imageTag": "2026.11.3",
        "podLabels": {"app": pod.service},
        "podUid": pod.uid,
    }


def _container_tail(pod: Pod) -> str:
    columns = {
        "KubernetesMetadata": _kubernetes_metadata(pod),
        "Type": "ContainerLogV2",
        "_ResourceId": places.AKS_ID.lower(),
    }
    return "," + compact(columns)[1:-1]


def _billed_columns(pod: Pod) -> int:
    """Return the billed size of a row's constant columns: time (8), source, and the pod's."""
    columns = (pod.node, pod.container_id, "server", pod.name, places.NAMESPACE, "stdout")
    return 8 + sum(map(len, columns)) + len(compact(_kubernetes_metadata(pod)))


def _entry_resource(pod: Pod) -> str:
    labels = {
        "project_id": places.GCP_PROJECT,
        "location": places.GCP_REGION,
        "cluster_name": places.GKE_CLUSTER,
        "namespace_name": places.NAMESPACE,
        "pod_name": pod.name,
        "container_name": "server",
    }
    entry = {
        "resource": {"type": "k8s_container", "labels": labels},
        "labels": {
            "compute.googleapis.com/resource_name": pod.node,
            "k8s-pod/app": pod.service,
        },
    }
    return "," + compact(entry)[1:-1]

"""Measure the parsers of log formats on one core, and print entries a second per format.

    python benchmarks/parsers.py [FORMAT...] [--count N]

Each format's records are made from one hand-written example whose times, ids, addresses and sizes vary. `parser` is the
parser alone; `pipeline` adds redaction and recognition. Garbage is collected as rarely as `ingest` does. Rates are per
second of this process's CPU time.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from time import process_time

if not __package__:  # run as a file: the checkout is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.log_records import application, aws, azure, gcp
from cloudledger.adapters.committing import COLLECT_AFTER
from cloudledger.adapters.envelope import Envelope
from cloudledger.adapters.parser import Sample
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records, decode_context
from cloudledger.adapters.registry import Registry
from cloudledger.domain.columns import StringColumn

CHUNK = 8192


EXAMPLES: dict[str, Callable[[Random], str]] = {
    "aws.elb.alb": aws.alb,
    "aws.elb.nlb": aws.nlb,
    "aws.s3access": aws.s3_access,
    "aws.vpcflow": aws.vpc_flow,
    "aws.networkfirewall": aws.firewall_flow,
    "aws.route53_resolver": aws.dns_query,
    "aws.eks.audit": aws.kubernetes_audit,
    "aws.eks.container": aws.container_line,
    "aws.cloudtrail": aws.cloudtrail,
    "aws.lambda": aws.lambda_report,
    "aws.waf": aws.waf,
    "azure.activity": azure.azure_activity,
    "azure.appinsights": azure.app_request,
    "azure.nsgflow": azure.nsg_flows,
    "azure.vnetflow": azure.vnet_flows,
    "azure.aks.container": azure.container_row,
    "gcp.audit": gcp.gcp_audit,
    "gcp.loadbalancer": gcp.gcp_load_balancer,
    "gcp.cloudrun": gcp.cloud_run,
    "gcp.gke.container": gcp.container_line,
    "gcp.vpcflow": gcp.vpc_flow,
    "gcp.firewall": gcp.firewall,
    "app.json": application.app_json,
    "app.text": application.app_text,
}


CONTEXTS = {"aws.lambda": '{"envelope":"aws.cloudwatch_logs","owner":"123456789012","logGroup":"/aws/lambda/cart"}'}
"""What the envelope of a format says, where recognition needs it."""


def chunks_of(name: str, bodies: Sequence[bytes]) -> list[Records]:
    """Return the records of a format in chunks, as a source gives them."""
    plain = [Records.of(bodies[at : at + CHUNK], Origin("bench.log")) for at in range(0, len(bodies), CHUNK)]
    context = CONTEXTS.get(name, "")
    return [replace(chunk, context=StringColumn.constant(context, len(chunk))) for chunk in plain]


def rate(work: Callable[[Records], object], chunks: Sequence[Records]) -> float:
    """Return records a second of CPU time; the first chunk warms the memos."""
    work(chunks[0])
    gc.set_threshold(COLLECT_AFTER)
    started = process_time()
    for chunk in chunks:
        work(chunk)
    return sum(map(len, chunks)) / (process_time() - started)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure the parsers of log formats.")
    options.add_argument("formats", nargs="*", metavar="FORMAT")
    options.add_argument("--count", type=int, default=4 * CHUNK, help="records per format")
    told = options.parse_args(arguments)
    print(f"{'format':20} {'bytes':>6} {'parser/s':>10} {'pipeline/s':>11}")
    for name, example in EXAMPLES.items():
        if told.formats and name not in told.formats:
            continue
        random = Random(7)
        bodies = [example(random).encode() for _ in range(told.count)]
        chunks = chunks_of(name, bodies)
        found = Registry().route(Sample(bodies[-1], decode_context(CONTEXTS.get(name, "")), chunks[0].origin))
        if isinstance(found, Envelope) or found.format != name:
            raise SystemExit(f"{name} is taken for another format: {found}")
        size = sum(map(len, bodies)) // len(bodies)
        parser, pipeline = rate(found.parse, chunks), rate(Pipeline().parse, chunks)
        print(f"{name:20} {size:6} {parser:10,.0f} {pipeline:11,.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])

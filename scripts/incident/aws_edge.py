"""Write what AWS itself logs of requests: the load balancer's access log, and a Lambda function's text log.

Between the traffic and the files. See the access log syntax in
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html.
"""

from __future__ import annotations

from random import Random

from .clock import utc_text
from .cloudwatch import CloudWatchFiles, stream_head
from .containers import escaped
from .native_file import FileSet
from .places import AWS_ACCOUNT, AWS_REGION
from .pods import guid, pods_of
from .services import Service
from .volumes import AWS_EVENT_OVERHEAD, Volumes

LOAD_BALANCER = "shop-web"
_LOAD_BALANCER_ID = f"app/{LOAD_BALANCER}/50dc6c495c0c9188"
_ARN = f"arn:aws:elasticloadbalancing:{AWS_REGION}:{AWS_ACCOUNT}"


def xray_trace(trace: str) -> str:
    """Return a W3C trace id as X-Ray writes it.

    >>> xray_trace("583372811d84f3d73c47ec4e58577259")
    '1-58337281-1d84f3d73c47ec4e58577259'
    """
    return f"1-{trace[:8]}-{trace[8:]}"


class AlbAccessLog:
    """Access log lines of the load balancer before the web gateway, in files of one hour."""

    def __init__(self, files: FileSet, service: Service, date: str, seed: int) -> None:
        self._files, self._date, self._bits = files, date, Random(f"alb {seed}").getrandbits
        self._targets = [f"{pod.ip}:8080" for pod in pods_of(service, seed)]
        self._path = service.path
        self.start_hour(0)

    def start_hour(self, hour: int) -> None:
        """Go on in the file of the next hour."""
        folder = f"aws/AWSLogs/{AWS_ACCOUNT}/elasticloadbalancing/{AWS_REGION}/{self._date}"
        name = f"{AWS_ACCOUNT}_elasticloadbalancing_{AWS_REGION}_app.shop-web.50dc6c495c0c9188"
        self._file = self._files.open(f"{folder}/{name}_{hour:02d}_10.20.0.5_4x8q2.log.gz")

    def __call__(self, start_us: int, end_us: int, status: int, trace: str, span: str) -> None:
        """Write one request."""
        bits = self._bits(32)
        target = self._targets[bits % len(self._targets)]
        seconds = (end_us - start_us) / 1_000_000
        client = f"203.0.113.{bits % 250}:{1024 + bits % 60000}"
        self._file.write(
            f"https {utc_text(end_us)} {_LOAD_BALANCER_ID} {client} {target} 0.001 {seconds:.3f} 0.000 {status} "
            f'{status} {300 + bits % 700} {120 + bits % 4000} "POST https://shop.example.com:443{self._path} HTTP/2.0" '
            f'"Mozilla/5.0 (X11; Linux x86_64) shop-app/4.{bits % 9}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
            f'{_ARN}:targetgroup/web-gateway/73e2d6bc24d8a067 "Root={xray_trace(trace)}" "shop.example.com" '
            f'"arn:aws:acm:{AWS_REGION}:{AWS_ACCOUNT}:certificate/1c2f7a4e-90b3-4d1c-8f55-2f7b0d3e6a91" '
            f'1 {utc_text(start_us)} "forward" "-" "-" "{target}" "{status}" "-" "-" TID_{bits:08x}'
        )


class LambdaLog:
    """The text log of a Lambda function, in CloudWatch envelopes."""

    def __init__(self, cloudwatch: CloudWatchFiles, volumes: Volumes, service: Service, date: str, seed: int) -> None:
        self._cloudwatch, self._volumes, self._random = cloudwatch, volumes, Random(f"lambda {seed}")
        self._group = f"/aws/lambda/{service.name}"
        self._streams = [
            stream_head(self._group, f"{date}/[$LATEST]{self._random.getrandbits(128):032x}") for _ in range(4)
        ]
        self._service = service.name

    def __call__(self, start_us: int, end_us: int, status: int, trace: str, span: str) -> None:
        """Write one invocation."""
        request, bits = guid(self._random), self._random.getrandbits(16)
        milliseconds = (end_us - start_us) / 1000
        stream = self._streams[bits % len(self._streams)]
        self._write(stream, start_us, f"START RequestId: {request} Version: $LATEST\\n")
        said = f"sent order-confirmation to customer c-{bits} traceparent=00-{trace}-{span}-01"
        self._write(stream, start_us + 900, f"{utc_text(start_us + 900, 3)}\\t{request}\\tINFO\\t{said}\\n")
        self._write(stream, end_us, f"END RequestId: {request}\\n")
        report = (
            f"REPORT RequestId: {request}\\tDuration: {milliseconds:.2f} ms\\t"
            f"Billed Duration: {int(milliseconds) + 1} ms\\tMemory Size: 256 MB\\t"
            f"Max Memory Used: {70 + bits % 40} MB\\t\\nXRAY TraceId: {xray_trace(trace)}\\t"
            f"SegmentId: {span}\\tSampled: true\\t\\n"
        )
        self._write(stream, end_us, report)

    def _write(self, stream: str, at_us: int, message: str) -> None:
        self._volumes.add((self._group, self._service), at_us, len(message) - message.count("\\") + AWS_EVENT_OVERHEAD)
        self._cloudwatch.write(stream, at_us, message)


class DatabaseLog:
    """The PostgreSQL log of the RDS instance, in CloudWatch envelopes."""

    def __init__(self, cloudwatch: CloudWatchFiles, volumes: Volumes, group: str, service: str) -> None:
        self._cloudwatch, self._volumes, self._group, self._service = cloudwatch, volumes, group, service
        self._stream = stream_head(group, service)

    def write(self, at_us: int, who: str, process: int, level: str, message: str) -> None:
        """Write one line; `who` is `host(port):user@db`, or empty for the server itself."""
        time = utc_text(at_us, 0).replace("T", " ").replace("Z", " UTC")
        line = f"{time}:{who or ':@'}:[{process}]:{level}:  {message}"
        self._volumes.add((self._group, self._service), at_us, len(line) + AWS_EVENT_OVERHEAD)
        self._cloudwatch.write(self._stream, at_us, escaped(line))

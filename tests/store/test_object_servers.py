"""The ledger on servers that speak the clouds' protocols: moto for S3, Azurite for Azure, and a line that is cut."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from cloudledger.domain.errors import LedgerError, StreamLockedError
from cloudledger.store import Ledger
from cloudledger.store.object_client import ObstoreClient, open_client
from cloudledger.store.object_creation import create_once
from tests.store.builders import STREAM, log_records, random_batch

AZURE_ACCOUNT = "devstoreaccount1"


@pytest.fixture(scope="module")
def moto_port() -> Iterator[int]:
    """The port of an S3 server in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def s3(moto_port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of an empty place in an S3 bucket, which the environment leads to."""
    return s3_place(moto_port, monkeypatch, tmp_path)


def s3_place(port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Point the environment to a port; return an URL with a new bucket."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings = {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "REGION": "us-east-1", "ALLOW_HTTP": "true"}
    for name, value in {**settings, "ENDPOINT_URL": f"http://127.0.0.1:{port}"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("CLOUDLEDGER_CACHE", str(tmp_path / "cache"))
    bucket = f"bucket-{os.urandom(4).hex()}"
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("PUT", f"/{bucket}")
    assert connection.getresponse().status == 200
    connection.close()
    return f"s3://{bucket}/some/ledger"


@pytest.fixture(scope="module")
def azurite_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an Azurite, where Node and its package are installed."""
    command = os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if shutil.which("node") is None or command is None:
        pytest.skip("Node or its package azurite is not installed (npm install -g azurite, or AZURITE_BLOB=path)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    place = tmp_path_factory.mktemp("azurite")
    process = subprocess.Popen(
        [command, "--blobHost", "127.0.0.1", "--blobPort", str(port), *options], cwd=place, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip("Azurite did not start")


@pytest.fixture
def azure(azurite_port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of an empty place in an Azure container."""
    container = f"container-{os.urandom(4).hex()}"
    for name, value in {"USE_EMULATOR": "true", "ACCOUNT_NAME": AZURE_ACCOUNT, "CONTAINER_NAME": container}.items():
        monkeypatch.setenv(f"AZURE_STORAGE_{name}", value)
    monkeypatch.setenv("AZURITE_BLOB_STORAGE_URL", f"http://127.0.0.1:{azurite_port}")
    monkeypatch.setenv("CLOUDLEDGER_CACHE", str(tmp_path / "cache"))
    _create_container(azurite_port, container)
    return f"az://{container}/some/ledger"


def _create_container(port: int, container: str) -> None:
    """Create a container by the signed request that Azure's protocol wants."""
    import base64
    import hashlib
    import hmac
    from email.utils import formatdate

    # The emulator's key is public: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    canonical = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    resource = f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{container}\nrestype:container"
    text = "PUT" + "\n" * 12 + canonical + resource
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {AZURE_ACCOUNT}:{base64.b64encode(digest).decode()}"
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("PUT", f"/{AZURE_ACCOUNT}/{container}?restype=container", headers=headers)
    assert connection.getresponse().status == 201
    connection.close()


@pytest.fixture(params=["s3", "azure"])
def place(request: pytest.FixtureRequest) -> str:
    """An empty place at each of the servers."""
    url: str = request.getfixturevalue(request.param)
    return url


def payloads(ledger: Ledger) -> list[bytes]:
    """Return the payloads of all events."""
    return [one for batch in ledger.read(columns=["payload"]) for one in batch.payload.to_list()]


def test_a_ledger_is_written_sealed_reopened_and_read(place: str) -> None:
    with Ledger.open(place) as ledger:
        for number in range(4):
            ledger.append(STREAM, log_records(number * 10, 10), cursor=b"%d" % number)
            if number % 2:
                ledger.seal()
        ledger.append("größe @:,+=", random_batch(1, 300))
        with Ledger.open(place) as rival, pytest.raises(StreamLockedError):
            rival.append(STREAM, log_records(0, 1))
        ledger.checkpoints.save("cost@1", {STREAM: 7}, {"hour": b"counts"})

    with Ledger.open(place) as ledger:
        assert ledger.append(STREAM, log_records(0, 50), cursor=b"end").duplicates == 40
        latest = ledger.checkpoints.latest("cost@1")
        assert latest is not None
        assert ledger.checkpoints.read_partition(latest.partitions["hour"]) == b"counts"
    with Ledger.open(place, read_only=True) as reader:
        assert payloads(reader)[:50] == [b"line %d" % number for number in range(50)]
        assert (reader.cursor(STREAM), reader.stats().events, reader.verify().ok) == (b"end", 350, True)
        assert [event.reference for event in reader.search(text="line 33")] == [f"{STREAM}@34"]


def test_of_many_writers_of_one_object_one_wins(place: str) -> None:
    client, winners = open_client(place), list[int]()

    def write(number: int) -> None:
        try:
            create_once(client, "race", b"%d" % number)
            winners.append(number)
        except FileExistsError:
            return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [b"%d" % number for number in winners] == [client.get("race")]


def test_a_large_object_is_created_in_parts_and_only_once(place: str) -> None:
    client, parts = open_client(place), [os.urandom(3_000_000) for _ in range(6)]

    client.create("large", lambda: iter(parts))
    with pytest.raises(FileExistsError):
        client.create("large", lambda: iter(parts[:4]))

    assert client.head("large").size == 18_000_000
    assert client.get_range("large", 2_999_990, 20) == parts[0][-10:] + parts[1][:10]
    create_once(client, "large", lambda: iter(parts))


class _BadLine(BaseHTTPRequestHandler):
    """Passes requests on; some get a 503 instead, of some the answer is cut off."""

    protocol_version = "HTTP/1.1"
    upstream = 0
    counter = 0
    guard = threading.Lock()

    def pass_on(self) -> None:
        with self.guard:
            type(self).counter += 1
            number = self.counter
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if number % 5 == 0:
            self._answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
            return
        connection = HTTPConnection("127.0.0.1", self.upstream)
        connection.request(self.command, self.path, body, dict(self.headers))
        response = connection.getresponse()
        content = response.read()
        if number % 7 == 0:
            self.close_connection = True
            return  # it was done, but nobody hears of it
        kept = {k: v for k, v in response.getheaders() if k.lower() not in ("transfer-encoding", "connection", "date")}
        self._answer(response.status, kept, content)
        connection.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "server"):
                self.send_header(name, value)
        length = headers.get("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def bad_line(moto_port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An S3 place behind a line that fails one request in three."""
    handler = type("Handler", (_BadLine,), {"upstream": moto_port})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = s3_place(moto_port, monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


def test_cut_answers_and_errors_of_the_server_lose_and_double_nothing(bad_line: str) -> None:
    acknowledged = 0
    for _ in range(3):
        try:
            with Ledger.open(bad_line) as ledger:
                for number in range(acknowledged, 7):
                    ledger.append(STREAM, log_records(number * 5, 5), cursor=b"%d" % number)
                    acknowledged = number + 1
                    if number % 5 == 4:
                        ledger.seal()
        except LedgerError:
            continue

    assert acknowledged == 7
    with Ledger.open(bad_line, read_only=True) as reader:
        assert payloads(reader) == [b"line %d" % number for number in range(35)]
        assert reader.verify().ok


KILLED_WRITER = """
import sys
from cloudledger.domain.events import LogRecorded
from cloudledger.store import Ledger
ledger = Ledger.open(sys.argv[1])
for number in range(int(sys.argv[2]), 10**6):
    event = LogRecorded(event_id=(number + 1).to_bytes(16, "big"), payload=b"line %d" % number)
    ledger.append("app", [event], cursor=b"%d" % number)
    print(number, flush=True)
    if number % 7 == 6:
        ledger.seal()
"""


def test_what_a_killed_writer_acknowledged_is_there_once(s3: str) -> None:
    """SIGKILL at any instant; the next writer on this host takes over at once."""
    acknowledged = -1
    for round_ in range(4):
        command = [sys.executable, "-c", KILLED_WRITER, s3, str(acknowledged + 1)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _, line in zip(range(9 + round_), process.stdout, strict=False):
            acknowledged = int(line)
        time.sleep(0.004 * round_)
        process.kill()
        rest = process.communicate()[0].splitlines()
        acknowledged = int(rest[-1]) if rest else acknowledged

    with Ledger.open(s3, read_only=True) as reader:
        found = payloads(reader)
        assert found == [b"line %d" % number for number in range(len(found))]
        assert acknowledged < len(found) <= acknowledged + 2
        assert reader.verify().ok


def test_a_bucket_that_does_not_exist_is_named(s3: str) -> None:
    with pytest.raises(OSError, match="no-such-bucket"):
        Ledger.open("s3://no-such-bucket/ledger")
    assert isinstance(open_client(s3), ObstoreClient)

"""Secrets go, everything else stays, JSON stays JSON."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.redaction import RedactionRule, Redactor

REDACTOR = Redactor()
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def redacted(text: str) -> str:
    return REDACTOR.redact(text.encode())[0].decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a/c/b?sv=2020&sig=abc%2Fdef%3D&se=2021", "https://a/c/b?sv=2020&sig=[REDACTED]&se=2021"),
        (r'"https://a/b?sv=1\u0026sig=abc%3D\u0026se=1"', r'"https://a/b?sv=1\u0026sig=[REDACTED]\u0026se=1"'),
        ("u=https%3A%2F%2Fx%3Fsig%3Dab%252F%26se%3D1", "u=https%3A%2F%2Fx%3Fsig%3D[REDACTED]%26se%3D1"),
        ("X-Amz-Credential=AKIA&X-Amz-Signature=ab", "X-Amz-Credential=AKIA&X-Amz-Signature=[REDACTED]"),
        ("?X-Amz-Security-Token=FQo%2B&a=1", "?X-Amz-Security-Token=[REDACTED]&a=1"),
        ("?X-Goog-Signature=ab12&a=1", "?X-Goog-Signature=[REDACTED]&a=1"),
        ("Authorization: Bearer abc.def\r\nHost: x", "Authorization: Bearer [REDACTED]\r\nHost: x"),
        ('curl -H "authorization: Basic dXNlcg=="', 'curl -H "authorization: Basic [REDACTED]"'),
        ('{"Authorization":["Bearer a","Basic b"],"k":1}', '{"Authorization":["[REDACTED]"],"k":1}'),
        ("sent Bearer abcdefghijklmnop123", "sent Bearer [REDACTED]"),
        ("Cookie: a=b; c=d\r\nHost: x", "Cookie: [REDACTED]\r\nHost: x"),
        ("Set-Cookie: sid=1; Path=/", "Set-Cookie: [REDACTED]"),
        ('{"CsCookie":"a=b"}', '{"CsCookie":"[REDACTED]"}'),
        ('{"password": "x", "b": 1}', '{"password": "[REDACTED]", "b": 1}'),
        ('{"password": 12345, "b": 1}', '{"password": "[REDACTED]", "b": 1}'),
        (r'{"m":"{\u0022pwd\u0022:\u0022x y\u0022}"}', r'{"m":"{\u0022pwd\u0022:\u0022[REDACTED]\u0022}"}'),
        ("DB_PASSWORD=hunter2 next=1", "DB_PASSWORD=[REDACTED] next=1"),
        ('passwd="two words" next=1', 'passwd="[REDACTED]" next=1'),
        ("password: hunter2", "password: [REDACTED]"),
        ("{'password': 'x', 'a': 1}", "{'password': '[REDACTED]', 'a': 1}"),
        ("?user=a&pwd=b&x=1", "?user=a&pwd=[REDACTED]&x=1"),
        ("postgres://bob:p@ss@db/x", "postgres://bob:[REDACTED]@db/x"),
        ("aws_secret_access_key = wJalrXUt/K7", "aws_secret_access_key = [REDACTED]"),
        (
            '{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJal"}',
            '{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"[REDACTED]"}',
        ),
        ("client_secret=abc&grant_type=x", "client_secret=[REDACTED]&grant_type=x"),
        ('{"x-api-key":"z","apiKey":"k"}', '{"x-api-key":"[REDACTED]","apiKey":"[REDACTED]"}'),
        ("AccountKey=ab+/==;EndpointSuffix=core", "AccountKey=[REDACTED];EndpointSuffix=core"),
        ("SharedAccessKeyName=Root;SharedAccessKey=ab=", "SharedAccessKeyName=Root;SharedAccessKey=[REDACTED]"),
        ("x eyJhbGciOi.eyJzdWIiOi.SflKxw-_ y", "x [REDACTED] y"),
        ('{"private_key":"-----BEGIN PRIVATE KEY-----\\nMI\\n-----END","a":1}', '{"private_key":"[REDACTED]","a":1}'),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nAB=\n-----END RSA PRIVATE KEY-----\nb c\n",
            "a\n-----BEGIN RSA PRIVATE KEY-----\n[REDACTED]\n[REDACTED]\n-----END RSA PRIVATE KEY-----\nb c\n",
        ),
        ('{"name":"DB_PASSWORD","value":"x y"},{"a":1}', '{"name":"DB_PASSWORD","value":"[REDACTED]"},{"a":1}'),
        (r"{\"Name\": \"API_TOKEN\", \"Value\": \"x\"}", r"{\"Name\": \"API_TOKEN\", \"Value\": \"[REDACTED]\"}"),
        ('{"DB_PASS":"x","tests_pass":5}', '{"DB_PASS":"[REDACTED]","tests_pass":5}'),
        ("<password>x</password>", "<password>[REDACTED]</password>"),
        ("mysql --password hunter2 shop", "mysql --password [REDACTED] shop"),
        (f"pushed with ghp_{'a1' * 18}.", f"pushed with {'[REDACTED]'}"),
        ("sent xoxb-1234567890-abc to chat", "sent [REDACTED] to chat"),
        (f"/maps?key=AIzaSy{'a1-' * 11}&q=1", "/maps?key=[REDACTED]&q=1"),
        ('{"password":"cut in the midd', '{"password":"[REDACTED]'),
        ("Token=abc", "Token=[REDACTED]"),
        (f"keys AKIAIOSFODNN7EXAMPLE / {SECRET_KEY} made", "keys AKIAIOSFODNN7EXAMPLE / [REDACTED] made"),
        (f"bob,ASIAIOSFODNN7EXAMPLE,/{SECRET_KEY[1:]}\n", "bob,ASIAIOSFODNN7EXAMPLE,[REDACTED]\n"),
        (f'["AKIAIOSFODNN7EXAMPLE", "{SECRET_KEY}"]', '["AKIAIOSFODNN7EXAMPLE", "[REDACTED]"]'),
        (f"https://{'0a' * 16}@o1.ingest.sentry.io/1", "https://[REDACTED]@o1.ingest.sentry.io/1"),
        ("mysql -phunter2", "mysql -p[REDACTED]"),
        ("/usr/bin/mysqldump -u root -phunter2 shop", "/usr/bin/mysqldump -u root -p[REDACTED] shop"),
        ('["mysqladmin","ping","-phunter2"]', '["mysqladmin","ping","-p[REDACTED]"]'),
        (r'{"m":"[\"mysql\", \"-phunter2\"]"}', r'{"m":"[\"mysql\", \"-p[REDACTED]\"]"}'),
        ('{"pwd":"/x9+Kd=="}', '{"pwd":"[REDACTED]"}'),
        ("db_pwd=/home/app", "db_pwd=[REDACTED]"),
        ("password=/home/app", "password=[REDACTED]"),
    ],
)
def test_a_secret_is_replaced_and_nothing_else(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"token": null, "password": false, "secret": ""}',
        "password reset requested",
        "max_tokens=5 tokenizer=bpe tokens: 17",
        "invalid token: unexpected",
        '{"msg":"set password=","user":"bob"}',
        '{"a":["token="],"b":"secret="}',
        '{"authorization":{"action":"read","scope":"/x"}}',
        '"authorization.k8s.io/decision":"allow"',
        '{"accessKeyId":"AKIAIOSFODNN7EXAMPLE"}',
        '{"nextToken":"abc","clientRequestToken":"def"}',
        "arn:aws:secretsmanager:us-east-1:012345678901:secret:db-AbCdEf",
        '{"secretId":"db","secretName":"x","tokenType":"Bearer"}',
        "http://host:8080/path@x mail@example.com",
        "SignatureVersion design= assigned",
        "cookie: not found",
        "Bearer authentication required",
        "the cookie monster has a secret",
        "password=[REDACTED]",
        '{"pwd":"/home/app"}',
        r'{"m":"{\"pwd\": \"/\"}"}',
        "PWD=/home/app OLDPWD=/var/lib/x",
        "Credential=AKIAIOSFODNN7EXAMPLE/20261120/us-east-1/s3/aws4_request",
        f"AKIAIOSFODNN7EXAMPLE {'0a' * 20}",
        "docker run --name mysql -p3306:3306 -p 80:80",
        "mysql -u root -p shop",
    ],
)
def test_innocent_text_comes_back_as_the_same_object(text: str) -> None:
    blob = text.encode()

    result, counts = REDACTOR.redact(blob)

    assert result is blob
    assert counts == {}


VALUES = st.text(min_size=1).filter(lambda value: value not in ("[REDACTED]", "-"))


@given(
    VALUES, st.sampled_from(["password", "client_secret", "API_KEY", "sessionToken", "private_key"]), st.integers(0, 3)
)
def test_json_at_any_depth_of_escaping_stays_json_and_loses_the_secret(value: str, key: str, depth: int) -> None:
    document: dict[str, object] = {"before": 'x"y', key: value, "after": [1, None]}
    for _ in range(depth):
        document = {"message": json.dumps(document), "beside": 1}

    blob, counts = REDACTOR.redact(json.dumps(document).encode())
    found = json.loads(blob)
    for _ in range(depth):
        assert found["beside"] == 1
        found = json.loads(found["message"])

    assert found == {"before": 'x"y', key: "[REDACTED]", "after": [1, None]}
    assert sum(counts.values()) == 1


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_document_stays_json(document: object) -> None:
    wrapped = {
        "token": document,
        "log": json.dumps({"password": document}),
        "url": f"https://u:{document}@h/?sig={document}",
    }

    json.loads(redacted(json.dumps(wrapped)))


@given(st.binary(max_size=200), st.sampled_from([b'password":"', b"sig=", b"Cookie: a=", b"://a:", b"eyJ"]))
def test_redacting_twice_changes_nothing_more(blob: bytes, marker: bytes) -> None:
    once, _ = REDACTOR.redact(blob + marker + blob)

    assert REDACTOR.redact(once)[0] == once


def test_counts_are_per_rule() -> None:
    _, counts = REDACTOR.redact(b'{"password":"a","pwd":"b","token":"c"}')

    assert counts == {"password": 2, "token": 1}


def test_users_add_rules_of_their_own() -> None:
    rule = RedactionRule("card", (b"card ",), re.compile(rb"(?i:card )(?P<secret>\d{12})\d{4}"), b"************")

    assert Redactor([rule]).redact(b"Card 1234567812345678") == (b"Card ************5678", {"card": 1})


@pytest.mark.parametrize("marker", [b"", b"x", b"Upper"])
def test_a_marker_that_cannot_be_found_is_refused(marker: bytes) -> None:
    with pytest.raises(InvalidArgumentError, match="marker"):
        Redactor([RedactionRule("bad", (marker,), re.compile(rb"x"))])

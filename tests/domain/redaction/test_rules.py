"""Secrets go, everything else stays, JSON stays JSON."""

import json
import pickle
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
        ('{"password": 12345, "b": 1}', '{"password": 0, "b": 1}'),
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
        (
            '[{"name":"Authorization","value":"Basic dTpw"},{"name":"cookie","value":"a=b"},'
            '{"name":"host","value":"h"}]',
            '[{"name":"Authorization","value":"[REDACTED]"},{"name":"cookie","value":"[REDACTED]"},'
            '{"name":"host","value":"h"}]',
        ),
        ('{"cookies":["a=b","c=d"],"k":1}', '{"cookies":["[REDACTED]"],"k":1}'),
        ('{"cookies":{"sid":"x y","n":5},"k":1}', '{"cookies":{"sid":"[REDACTED]","n":5},"k":1}'),
        ('{"password":{"value":"x"},"k":1}', '{"password":{"value":"[REDACTED]"},"k":1}'),
        (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOY\n-----END PGP PRIVATE KEY BLOCK-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n[REDACTED]\n-----END PGP PRIVATE KEY BLOCK-----",
        ),
        ("Authorization: 0123456789abcdef", "Authorization: [REDACTED]"),
        ("x-functions-key: 0123456789abcdefgh==", "x-functions-key: [REDACTED]"),
        ("?subscription-key=0123456789abcdef&a=1", "?subscription-key=[REDACTED]&a=1"),
        ('{"encryptionKey":"q83vASNFZ4mrze8BI0VniQ=="}', '{"encryptionKey":"[REDACTED]"}'),
        ("sshpass -p hunter2 ssh bob@h", "sshpass -p [REDACTED] ssh bob@h"),
        (f"ghu_{'a1' * 18} ghr_{'a1' * 18}", "[REDACTED] [REDACTED]"),
        ("xoxa-2-abcdef123 xoxs-123456789012-abc", "[REDACTED] [REDACTED]"),
        (f"sk_test_{'a1' * 10} sk-ant-api03-{'a1' * 10} shpat_{'a1' * 16}", "[REDACTED] [REDACTED] [REDACTED]"),
        (
            '{"type":"service_account","private_key_id":"0a","private_key":"-----BEGIN PRIVATE KEY-----\\nMI\\n"}',
            '{"type":"service_account","private_key_id":"0a","private_key":"[REDACTED]"}',
        ),
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
        '{"encryptionKey":"arn:aws:kms:eu-west-1:012345678901:key/1234abcd-12ab-34cd-56ef-1234567890ab"}',
        '{"encryptionKey":"alias/orders"}',
        "Authorization: required",
        '{"password": 0}',
        '{"secret":{"secretName":"db","optional":true}}',
        '{"cookies":{},"cookie":null}',
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


def test_rules_are_added_and_switched_off_by_name() -> None:
    card = RedactionRule("card", (b"card ",), re.compile(rb"(?i:card )(?P<secret>\d{16})"))
    redactor = Redactor(add=[card], without=["password", "jwt"])

    assert redactor.redact(b"password=x card 1234567812345678") == (b"password=x card [REDACTED]", {"card": 1})
    assert redactor.names[0] == "card"
    assert not {"password", "jwt"} & set(redactor.names)


@pytest.mark.parametrize("without", [["pasword"], "jwt", [b"jwt"]])
def test_an_unknown_rule_is_refused_and_the_known_ones_are_named(without: list[str]) -> None:
    with pytest.raises(InvalidArgumentError, match=r"known are private_key_block, |give a list of rule names"):
        Redactor(without=without)


def test_what_is_no_rule_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="give RedactionRule"):
        Redactor(add=["password"])  # type: ignore[list-item]


def test_a_redactor_reaches_another_process_by_its_rules() -> None:
    redactor = Redactor(without=["jwt"])
    sent = pickle.dumps(redactor)

    assert len(sent) < 50_000
    assert pickle.loads(sent).names == redactor.names


def test_users_add_rules_of_their_own() -> None:
    rule = RedactionRule("card", (b"card ",), re.compile(rb"(?i:card )(?P<secret>\d{12})\d{4}"), b"************")

    assert Redactor([rule]).redact(b"Card 1234567812345678") == (b"Card ************5678", {"card": 1})


@pytest.mark.parametrize("marker", [b"", b"x", b"Upper"])
def test_a_marker_that_cannot_be_found_is_refused(marker: bytes) -> None:
    with pytest.raises(InvalidArgumentError, match="marker"):
        Redactor([RedactionRule("bad", (marker,), re.compile(rb"x"))])

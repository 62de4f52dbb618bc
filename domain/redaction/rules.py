"""What counts as a secret in cloud logs.

A rule is tried only where one of its markers stands, and its pattern matches from the marker on, so that a rule costs
nothing on clean text. The patterns read JSON, JSON escaped inside JSON strings, `key=value`, headers and URLs. They
are linear: every repetition is atomic, possessive or bounded, and a value needs no closing quote, so that truncated
records are covered too. Groups are atomic, since possessive ones match what they must not before Python 3.11.5
(https://github.com/python/cpython/issues/106052). Access key ids (AKIA.., ASIA..) are identifiers and stay. See
reference pages of SAS, SigV4 and V4 signed URLs of the three vendors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

REDACTED: Final = b"[REDACTED]"
"""What stands in a secret's place; it needs no escaping in JSON, URLs or headers."""

Replacement = bytes | Callable[[re.Match[bytes]], bytes]


class RedactionRule(msgspec.Struct, frozen=True):
    """One kind of secret.

    `markers` are lower-case literals of at least two bytes, found in any case. `pattern` is matched with its beginning
    at a marker, within the marker's line; its group `secret` (or else the whole match) is replaced. With
    `anchored=False` the pattern is searched for in the whole text if all markers are in it: for patterns whose first
    bytes are literal and as written.

    >>> RedactionRule("order", (b"order-",), re.compile(rb"order-(?P<secret>[0-9]+)")).name
    'order'
    """

    name: str
    markers: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    replacement: Replacement = REDACTED
    anchored: bool = True


def _string_body(level: int) -> bytes:
    """Return the pattern of what stands inside a JSON string that is itself inside `level` JSON strings.

    At level n its own quote has 2**n - 1 backslashes before it, an escaped quote 2**(n+1) - 1 and any multiple of
    2**(n+1) more.
    """
    period = 2 ** (level + 1)
    pattern = rb'(?>(?:[^"\\\r\n]++|(?>(?:\\{%d})*)\\{%d}"|(?>(?:\\{%d})+)(?=\\{%d}")|\\++(?!"|\\))+)'
    return pattern % (period, period - 1, period, period // 2 - 1)


def _json_value(level: int) -> bytes:
    quote = rb"\\{%d}" % (2**level - 1) + rb'"'
    body = _string_body(level)
    text = rb"%b(?P<text%d>%b)" % (quote, level, body)
    texts = rb"\[\s*+%b(?P<list%d>%b(?>(?:%b\s*+,\s*+%b%b)*))" % (quote, level, body, quote, quote, body)
    number = rb"(?P<number%d>-?\d[\d.eE+-]*+)" % level
    inner = rb"(?:\{\s*%b(?i:value|plain_?text)%b\s*:\s*)?" % (quote, quote)
    return rb"(?<!\\)%b\s*+:\s*+%b(?:%b|%b|%b)" % (quote, inner, text, texts, number)


def _value_beside_name(level: int) -> bytes:
    quote = rb"\\{%d}" % (2**level - 1) + rb'"'
    pair = rb"(?<!\\)%b\s*+,\s*+%b(?i:value)%b\s*+:\s*+%b" % (quote, quote, quote, quote)
    return pair + rb"(?P<beside%d>%b)" % (level, _string_body(level))


_NAMED: Final = rb"|".join(_value_beside_name(level) for level in range(3))
"""As container definitions list their environment: `"name": "DB_PASSWORD", "value": "..."`."""

_MARKUP: Final = rb">(?P<markup>[^<>\r\n]++)<"

_UNICODE_VALUE: Final = rb'\\++u0022\s*+:\s*+\\++u0022(?P<unicode>(?>(?:[^"\\\r\n]++|\\++(?!\\|"|u0022))+))'
"""As .NET writes JSON inside JSON."""

_JSON: Final = rb"|".join((*(_json_value(level) for level in range(4)), _UNICODE_VALUE))
"""A closing quote of the key, a colon, and a string, list of strings or number, at up to three levels of escaping."""

_BARE: Final = rb"""[^\s"'\\,;&<>(){}\[\]|]++"""
_NOTHING: Final = rb"(?!(?:null|none|nil|true|false|undefined|yes|no|YES|NO|\*+|-)(?![\w-]))"
_PYTHON: Final = rb"""'\s*+(?::|=>)\s*+[bu]?'(?P<single>(?>(?:[^'"\\\r\n]|\\[^"\r\n])+))"""
_QUOTED: Final = rb"""'(?P<quoted>[^'"\\\r\n]++)|\\*+"(?![\s,:}\]])(?P<double>[^"\\\r\n]++)"""
"""After an equals sign. A double quote that ends a JSON string is followed by what the look-ahead excludes."""

_ASSIGNED: Final = rb"\s?=(?!=)\s?(?:%b|%b(?P<bare>%b))" % (_QUOTED, _NOTHING, _BARE)


_OPENING: Final = rb"""'|\\{0,7}"(?![\s,:}\]])"""
"""The quote before a value after a colon, as YAML has it; one that ends a JSON string is followed by something else."""

_COLON_TEXT: Final = rb"""(?<=')[^'"\\\r\n]{1,512}|(?<=")[^"\\\r\n]{1,512}|%b""" % _BARE
"""A password after a colon: all words within quotes, else one."""

_SQL_STRING: Final = rb"""\\{0,7}['"]{1,2}(?![\s,:;)}\]])(?P<secret>[^'"\\\r\n]{1,512})"""


def _replace_value(match: re.Match[bytes]) -> bytes:
    """Keep JSON valid and its types: a number becomes the number zero."""
    return b"0" if (match.lastgroup or "").startswith("number") else REDACTED


def _field_rule(name: str, markers: tuple[bytes, ...], key: bytes, *, colon: bytes = b"") -> RedactionRule:
    forms = [_JSON, _NAMED, _PYTHON, _ASSIGNED, _MARKUP]
    if colon:
        forms.append(rb"\s?:\s?(?:%b)?%b(?P<colon>%b)" % (_OPENING, _NOTHING, colon))
    return RedactionRule(
        name, markers, re.compile(rb"(?i:" + key + rb")(?:" + rb"|".join(forms) + rb")"), _replace_value
    )


_OBJECT: Final = rb'(?<!\\)"\s*+:\s*+\{(?P<object>[^{}\[\]\\\r\n]{1,8192})\}'
"""A flat object of cookies, by their names."""


def _replace_cookies(match: re.Match[bytes]) -> bytes:
    if match.lastgroup != "object":
        return _replace_value(match)
    return re.sub(rb'(:\s*")[^"]+', rb"\1" + REDACTED, match["object"])


_FOLDER: Final = rb"""\\*+(?:["']|u0022)?\s?[:=]\s?\\*+(?:["']|u0022)?/[\w.~/@-]*+(?=[\s"'\\,;&})\]]|\Z)"""
_PASSWORD_KEY: Final = rb"(?:passw(?:or)?d|pwd(?!(?:(?<![\w-]pwd)|(?<=[^a-z]oldpwd)|(?<=\Aoldpwd))%b))\d?" % _FOLDER
"""`pwd` and `OLDPWD` with an absolute path are the shell's working directory."""

_TOKEN_TEXT: Final = rb"[A-Za-z0-9._~+/=-]{16,4096}+"
_KEY_HEAD: Final = rb"(?=[A-Za-z._~+/=-]{0,256}\d)[A-Za-z0-9._~+/=-]{16}"
_KEY_TEXT: Final = rb"(?=[A-Za-z._~+/=-]{0,256}\d)" + _TOKEN_TEXT
"""What a key looks like: long, with a digit, and no name with a colon near its start, as an ARN is."""

_HEADER_SCHEME: Final = rb"(?i:bearer|basic|digest|negotiate|apikey|token|sharedkey[a-z]*)"
_NEXT_ARGUMENT: Final = rb"""(?: ++|\\{0,7}",\s?\\{0,7}"|',\s?')"""
"""Between the arguments of a command line, or of the list that a container definition makes of it."""

_OPERAND: Final = _NEXT_ARGUMENT + rb"""[^\s"'\\|;&-][^\s"'\\|;&]{0,128}+(?=[ "'\\]++,?\s?[\\"']{0,8}-)"""
_OPTION: Final = _NEXT_ARGUMENT + rb"""-(?!p[^\s"'\\])[^\s"'\\|;&]{1,128}+(?:%b)?""" % _OPERAND

_URL_VALUE: Final = rb"""[^\s"'\\<>&;,#]++"""


def _replace_lines(match: re.Match[bytes]) -> bytes:
    secret: bytes = match["secret"]
    redacted: bytes = re.sub(rb"[^\r\n]+", REDACTED, secret)
    return redacted


DEFAULT_RULES: Final[tuple[RedactionRule, ...]] = (
    RedactionRule(
        "private_key_block",
        (b"private key-----", b"private key block-----"),
        re.compile(
            rb"(?i:private key(?: block)?-----)(?P<secret>(?>(?:[A-Za-z0-9+/=:, \t]|-(?!----)|\\++[nrt]"
            rb"|\r?\n(?=[A-Za-z0-9+/=]{1,128}\r?(?:\n|\Z))|\r?\n(?=(?:Proc-Type|DEK-Info):))+))"
        ),
        _replace_lines,
    ),
    _field_rule("private_key", (b"private_key", b"privatekey"), rb"private_?key"),
    RedactionRule(
        "authorization",
        (b"authorization",),
        re.compile(
            rb"(?i:authorization)(?:%b|%b|%b|\s?[:=]\s?[\"']?%b\s+(?P<bare>%b)|=(?P<assigned>%b)|\s?:\s?(?P<raw>%b))"
            % (_JSON, _NAMED, _PYTHON, _HEADER_SCHEME, _BARE, _BARE, _KEY_TEXT)
        ),
        _replace_value,
    ),
    RedactionRule(
        "bearer",
        (b"bearer ",),
        re.compile(rb"(?i:bearer) +(?P<secret>(?=[A-Za-z._~+/=-]{0,256}\d)" + _TOKEN_TEXT + rb")"),
    ),
    RedactionRule(
        "cookie",
        (b"cookie",),
        re.compile(
            rb"""(?i:cookies?)\)?(?:%b|%b|%b|%b|\s?:\s?(?P<bare>[^\s=;,"'\\]{1,256}+=[^"'\\\r\n]*+))"""
            % (_JSON, _NAMED, _OBJECT, _PYTHON)
        ),
        _replace_cookies,
    ),
    _field_rule("password", (b"passw", b"pwd"), _PASSWORD_KEY, colon=_COLON_TEXT),
    _field_rule(
        "password", (b"_pass",), rb"(?:(?<=db)|(?<=pg)|(?<=sql)|(?<=user)|(?<=root)|(?<=admin)|(?<=smtp))_pass"
    ),
    RedactionRule(
        "sql_password",
        (b"identified by ", b"identified with ", b"encrypted password ", b"with password ", b" password '"),
        re.compile(
            rb"(?i:identified (?:with \S{1,64} )?(?:by|as)(?: values)?(?: password)?"
            rb"|(?:encrypted |with | )password) {1,4}%b" % _SQL_STRING
        ),
    ),
    RedactionRule(
        "option",
        (b"--password", b"--token", b"--secret", b"--client-secret", b"--api-key"),
        re.compile(rb"--[A-Za-z-]{5,13} ++(?P<secret>[^\s\"'\\-][^\s\"'\\]{3,}+)"),
    ),
    RedactionRule(
        "option",
        (b"mysql",),
        re.compile(
            rb"(?i:mysql)(?:(?=[\" '\\])|(?:dump|admin|import|show|check|slap|pump)(?=[\" '\\]))"
            rb"(?:%b)?(?>(?:%b){0,12})%b-p(?!\d+(?::\d+)?(?![^\s\"'\\]))(?P<secret>[^\s\"'\\]++)"
            % (_OPERAND, _OPTION, _NEXT_ARGUMENT)
        ),
    ),
    RedactionRule(
        "option",
        (b"sshpass ",),
        re.compile(rb"""(?i:sshpass) -p ?['"]?(?P<secret>[^\s"'\\-][^\s"'\\]{0,255})"""),
    ),
    RedactionRule(
        "secret_access_key",
        (b"akia", b"asia"),
        re.compile(
            rb"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}[\s\"'\\/:=,;|()-]{1,8}"
            rb"(?P<secret>(?![0-9a-f]{40})[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])"
        ),
    ),
    RedactionRule(
        "vendor_token",
        (
            *(b"ghp_", b"gho_", b"ghs_", b"ghu_", b"ghr_", b"github_pat_", b"glpat-", b"shpat_", b"aizasy"),
            *(b"xoxa-", b"xoxb-", b"xoxp-", b"xoxr-", b"xoxs-", b"sk_live_", b"sk_test_", b"sk-ant-", b"sk-proj-"),
        ),
        re.compile(
            rb"(?<![A-Za-z0-9_])(?P<secret>(?:gh[a-z]_[A-Za-z0-9]{30}|github_pat_\w{30}|glpat-[\w-]{20}"
            rb"|shpat_[A-Za-z0-9]{32}|AIzaSy[\w-]{33}|xox[abprs]-\d+-[\w-]{6}|xox[abprs]-\d{8}"
            rb"|sk_(?:live|test)_[A-Za-z0-9]{16}|sk-(?:ant|proj)-[\w-]{20})[\w.-]*+)"
        ),
    ),
    _field_rule("passphrase", (b"passphrase",), rb"passphrase", colon=_COLON_TEXT),
    _field_rule(
        "secret",
        (b"secret",),
        rb"secret(?:[_-]?(?:access)?[_-]?key|[_-]?string|[_-]?binary|[_-]?value)?",
        colon=_TOKEN_TEXT,
    ),
    _field_rule("api_key", (b"apikey", b"api_key", b"api-key"), rb"api[_-]?key", colon=rb"[A-Za-z0-9._~+/=-]{8,4096}+"),
    _field_rule(
        "key",
        (b"functions-key", b"subscription-key", b"signing_key", b"signingkey", b"encryption_key", b"encryptionkey"),
        rb"""(?:functions-|subscription-|(?:signing|encryption)_?)key(?=[\\"'\s:=]{1,16}%b)""" % _KEY_HEAD,
        colon=_KEY_TEXT,
    ),
    _field_rule("passcode", (b"passcode",), rb"passcode"),
    _field_rule("account_key", (b"accountkey", b"account_key"), rb"account_?key"),
    _field_rule("access_key", (b"sharedaccesskey",), rb"sharedaccesskey"),
    _field_rule(
        "token",
        (b"token",),
        rb"(?<!next)(?<!next[_-])(?<!page)(?<!page[_-])(?<!request)(?<!continuation)token",
        colon=_TOKEN_TEXT,
    ),
    RedactionRule(
        "signature",
        (b"sig=", b"sig%3d", b"sig\\u003d", b"signature"),
        re.compile(
            rb"(?:(?<![A-Za-z0-9])|(?<=u0026)|(?<=%26)|(?<=%3[fF]))"
            rb"(?i:sig|signature)(?:(?:=|\\u003d)(?P<plain>" + _URL_VALUE + rb")"
            rb"|%3[dD](?P<encoded>(?>(?:[^\s\"'\\<>&;,#%]|%(?!26))+)))"
        ),
    ),
    RedactionRule(
        "jwt", (b"eyj",), re.compile(rb"(?<![\w-])(?P<secret>eyJ[\w-]{5,}+\.[\w-]{4,}+\.[\w-]*+(?>(?:\.[\w-]++)*))")
    ),
    RedactionRule(
        "url_password",
        (b"@",),
        re.compile(rb"""://(?:(?P<key>[0-9a-f]{32})@|[^\s/?#@:"'\\<>]{0,200}+:(?P<password>[^\s/?#"'\\<>]{1,256})@)"""),
        anchored=False,
    ),
)
"""The rules of a `Redactor` that is not given others; the first rule that matches a place wins."""

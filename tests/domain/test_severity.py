"""Severity words and numbers of every vocabulary lead to OpenTelemetry's numbers."""

import pytest

from cloudledger.domain import severity
from cloudledger.domain.severity import SEVERITY_OF_TEXT, Severity, severity_of_text


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("TRACE trace FINEST Silly trce VRB", 1),
        ("DEBUG Debug Verbose FINE dbug DBG D1 DEBUG5", 5),
        ("INFO info Informational Information LOG Note inf I", 9),
        ("NOTICE notice", 10),
        ("WARN WARNING Warning wrn W", 13),
        ("ERROR error ERR SEVERE fail E", 17),
        ("CRITICAL FATAL fatal PANIC crit FTL F", 21),
        ("ALERT", 22),
        ("EMERGENCY emerg", 24),
        ("DEFAULT NOTSET", 0),
    ],
)
def test_words_of_all_vocabularies_have_their_number(words: str, number: int) -> None:
    assert {word: SEVERITY_OF_TEXT[word] for word in words.split()} == dict.fromkeys(words.split(), number)


@pytest.mark.parametrize(
    ("text", "number"), [("[Warning]", 13), ("  eRRoR:", 17), ("<info>", 9), ("", 0), ("banana", 0)]
)
def test_words_are_known_in_brackets_and_any_case(text: str, number: int) -> None:
    assert severity_of_text(text) == number


@pytest.mark.parametrize(("letter", "number"), [("I", 9), ("W", 13), ("E", 17), ("F", 21)])
def test_a_klog_header_tells_the_severity(letter: str, number: int) -> None:
    assert severity_of_text(f"{letter}0417 12:00:00.000000       1 main.go:1] text") == number


def test_google_severities_follow_the_table_of_opentelemetry() -> None:
    assert list(severity.SEVERITY_OF_GCP.values()) == [0, 5, 9, 10, 13, 17, 21, 22, 24]
    assert severity.SEVERITY_OF_GCP_NUMBER[500] == severity.SEVERITY_OF_GCP["ERROR"]


def test_the_three_numeric_scales_of_azure_contradict_each_other() -> None:
    meanings = (
        severity.SEVERITY_OF_ETW_LEVEL[4],
        severity.SEVERITY_OF_APP_INSIGHTS[4],
        severity.SEVERITY_OF_DOTNET_LEVEL[4],
    )
    assert meanings == (Severity.INFO, Severity.CRITICAL, Severity.ERROR)


def test_numeric_scales_are_read_from_numbers_and_from_texts() -> None:
    assert severity.SEVERITY_OF_SYSLOG["3"] == severity.SEVERITY_OF_SYSLOG[3] == Severity.ERROR
    assert severity.SEVERITY_OF_PINO["50"] == severity.SEVERITY_OF_PYTHON_LEVEL[40] == Severity.ERROR
    assert severity.SEVERITY_OF_AZURE_LEVEL["Informational"] == Severity.INFO

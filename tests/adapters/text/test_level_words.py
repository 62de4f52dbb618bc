"""The levels of a chunk are those that its messages have each by itself."""

from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.text.level_words import read_severities

PIECES = st.sampled_from(
    [
        *("INFO", "WARN", "WARNING", "ERRORS", "ERROR", "HTTP", "FATAL", "DEBUG_x", "x_ERROR", "EMERGENCY", "ALERTING"),
        *(
            "level=info",
            '"level":"error"',
            "lvl=dbg",
            "severity: warn",
            "level=",
            "[warn]",
            "[warning",
            "Level = Notice",
        ),
        *(
            "error: ",
            "Debug\t",
            "E0417 12:00:00.1 ",
            "info",
            "2026-11-20T10:00:00Z ",
            " ",
            "\n",
            "é",
            "\ud800",
            "[",
            "=",
        ),
    ]
)
MESSAGES = st.lists(PIECES, max_size=6).map("".join)


@given(st.lists(MESSAGES, max_size=12))
def test_a_message_has_the_same_level_among_others_as_alone(messages: list[str]) -> None:
    assert read_severities(messages).tolist() == [int(read_severities([message])[0]) for message in messages]


@given(MESSAGES)
def test_what_stands_behind_the_head_changes_no_level(message: str) -> None:
    head = message.ljust(96)[:96]

    assert read_severities([head + " FATAL level=fatal"]).tolist() == read_severities([head + " "]).tolist()


def test_the_first_word_in_capitals_is_the_level() -> None:
    assert read_severities(["GET HTTP WARN then ERROR", "x_ERROR INFO", "ALERTING FATAL"]).tolist() == [13, 9, 21]

"""Lines of logfmt have the same fields together as alone."""

from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.text.logfmt_layouts import MAX_LAYOUTS, logfmt_columns
from cloudledger.adapters.text.logfmt_line import logfmt_facts

KEYS = st.sampled_from(["level", "msg", "ts", "time", "status", "took", "duration_ms", "service", "err", "x", "lvl"])
VALUES = st.sampled_from(
    [
        "info",
        "error",
        "503",
        "12ms",
        '"a b"',
        '"say \\"x=1\\""',
        '""',
        "",
        "2026-11-20T10:00:00Z",
        "1763632800",
        "9",
        "ä",
    ]
)
PAIRS = st.lists(st.tuples(KEYS, VALUES).map("=".join), max_size=6).map(" ".join)
LINES = st.tuples(st.sampled_from(["", "", "10:00:00 ", "\t", '"']), PAIRS, st.sampled_from(["", " ", "\n", " x"])).map(
    "".join
)


@given(st.lists(LINES, max_size=20))
def test_a_line_says_the_same_among_others_as_alone(lines: list[str]) -> None:
    assert logfmt_facts(lines) == [logfmt_facts([line])[0] for line in lines]


@given(LINES)
def test_a_line_read_by_its_layout_says_what_its_pairs_say(line: str) -> None:
    """A bare word in front keeps a line from having a layout, and changes no pair."""
    assert logfmt_facts([line]) == logfmt_facts(["word " + line])


def test_lines_of_more_orders_than_are_tried_are_read_all_the_same() -> None:
    lines = [" ".join(f"k{place}=v" for place in range(many)) + " level=warn" for many in range(1, 2 * MAX_LAYOUTS)]

    read = [row for rows, columns in logfmt_columns(lines, {"level": ("level",)}, frozenset({"level"})) for row in rows]

    assert sorted(read) == list(range(len(lines)))

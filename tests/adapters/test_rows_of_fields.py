"""Objects of a chunk have the same values together as alone."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.field_paths import Rows, values_of

KEYS = st.sampled_from(["a", "b", "c", "a.b", "d"])
VALUES = st.sampled_from([None, "", "-", "x", 1, 0, False, 2.5, [1], {"b": 3}, {"b": None}, {}])
OBJECTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=12)
PATHS = st.lists(st.sampled_from(["a", "b", "a.b", "d.b", "missing", "c"]), max_size=4).map(tuple)


@given(OBJECTS, PATHS)
def test_values_taken_by_columns_are_those_of_each_object(rows: list[dict[str, Any]], paths: tuple[str, ...]) -> None:
    assert Rows(rows).values(paths) == [values_of([row], paths)[0] for row in rows]


@given(OBJECTS)
def test_objects_of_more_orders_than_columns_pay_for_have_the_same_values(rows: list[dict[str, Any]]) -> None:
    many = [*rows, *({f"k{place}": place, "a": place} for place in range(40))]

    assert Rows(many).values(("a", "b")) == values_of(many, ("a", "b"))

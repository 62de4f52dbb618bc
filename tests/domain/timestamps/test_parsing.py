"""One time at a time: the forms that cloud logs were seen to write."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.timestamps import (
    MAX_INSTANT_NS,
    MIN_INSTANT_NS,
    parse_timestamp_ns,
    to_datetime,
    to_instant_ns,
)

NOON_NS = 1_604_907_944_000_000_000  # 2020-11-09T07:45:44Z
INSTANTS = st.integers(MIN_INSTANT_NS, MAX_INSTANT_NS)


@pytest.mark.parametrize(
    "text",
    [
        "2020-11-09T07:45:44Z",
        "2020-11-09t07:45:44z",
        "2020-11-09 07:45:44",
        "2020-11-09 07:45:44 UTC",
        "2020-11-09T07:45:44+00:00",
        "2020-11-09T09:45:44+02:00",
        "2020-11-09T02:15:44-0530",
        "2020-11-09T09:45:44+02",
        "2020-11-09T07: 45: 44.000Z",
        "2020-11-09T07:45:44,000",
        "2020/11/09 07:45:44",
        "11/09/2020 07:45:44 AM",
        "11/9/2020 7:45:44 AM",
        "11/9/2020, 7:45:44 AM",
        "11/9/2020, 7:45:44.000 AM",
        "11/9/2020 8:45:44 AM +01:00",
        "09/Nov/2020:07:45:44 +0000",
        "[09/Nov/2020:08:45:44 +0100]",
        "Mon, 09 Nov 2020 07:45:44 GMT",
        "Mon Nov  9 07:45:44 2020",
        "[Mon Nov 09 07:45:44.000000 2020]",
        "2020-11-09 07:45:44 +0000 UTC",
        "2020-11-09 07:45:44.000 +0000 UTC",
        "2020-11-09 08:45:44 +0100 CET m=+0.1",
        "2020-11-09 10:45:44 +0300 +03 m=-12345.000000001",
        "/Date(1604907944000)/",
        "/Date(1604907944000+0100)/",
        "20201109T074544Z",
        "1604907944",
        "1604907944000",
        "1604907944000000",
        "1604907944000000000",
        "1604907944.000",
        "1.604907944E9",
        ' "2020-11-09T07:45:44Z" ',
    ],
)
def test_one_instant_is_read_from_every_form(text: str) -> None:
    assert parse_timestamp_ns(text) == NOON_NS


@pytest.mark.parametrize(
    ("text", "fraction_ns"),
    [("5", 500_000_000), ("1234567", 123_456_700), ("123456789", 123_456_789), ("1234567899", 123_456_789)],
)
def test_fractions_of_any_length_are_exact_and_cut_at_nanoseconds(text: str, fraction_ns: int) -> None:
    assert parse_timestamp_ns(f"2020-11-09T07:45:44.{text}Z") == NOON_NS + fraction_ns
    assert parse_timestamp_ns(f"1604907944.{text}") == NOON_NS + fraction_ns


def test_the_fraction_of_a_time_that_go_wrote_is_exact() -> None:
    assert parse_timestamp_ns("2020-11-09 08:45:44.123456789 +0100 CET m=+10.000000001") == NOON_NS + 123_456_789


@pytest.mark.parametrize("number", [1_604_907_944, 1_604_907_944_000, 1_604_907_944_000_000, 1_604_907_944_000_000_000])
def test_the_unit_of_a_number_is_guessed_by_its_size(number: int) -> None:
    assert parse_timestamp_ns(number) == NOON_NS


def test_a_given_unit_wins_over_the_guess() -> None:
    assert parse_timestamp_ns(5, unit="ms") == parse_timestamp_ns("5", unit="ms") == 5_000_000


def test_firelens_float_seconds_keep_all_their_digits() -> None:
    assert parse_timestamp_ns(1.638805848186957e9) == parse_timestamp_ns("1.638805848186957E9") == 1638805848186957000


def test_noon_and_midnight_of_the_twelve_hour_clock_are_told_apart() -> None:
    midnight = parse_timestamp_ns("1/2/2020 12:00:00 AM")

    assert midnight == parse_timestamp_ns("2020-01-02")
    assert parse_timestamp_ns("1/2/2020 12:00:00 PM") == parse_timestamp_ns("2020-01-02T12:00:00Z")


def test_a_leap_second_is_the_second_after() -> None:
    assert parse_timestamp_ns("2016-12-31T23:59:60Z") == parse_timestamp_ns("2017-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "now",
        "2020-13-01T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2020-01-01T24:00:00Z",
        "2020-01-01T00:61:00Z",
        "13/13/2020 00:00:00",
        "13:00:00 PM",
        "1/1/2020 13:00:00 PM",
        "9" * 40,
        "1e400",
        "1e-400000",
        "nan",
        "inf",
        "2020-01-01T00:00:00+25:00",
        "٢٠٢٠-01-01T00:00:00Z",
        "2020-01-01T00:00:00Z and more",
        "Nov 11 07:00:00",
        "2020-01-01 00:00:00 CET",
        "2020-01-01 00:00:00 m=+0.1",
        "Mon Feb 30 07:45:44 2020",
        "/Date(9999999999999999999)/",
        "/Date(soon)/",
    ],
)
def test_what_is_not_a_time_is_none(text: str) -> None:
    assert parse_timestamp_ns(text) is None


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), 10**30, -(2**63)])
def test_values_that_are_not_a_time_are_none(value: float | None) -> None:
    assert parse_timestamp_ns(value) is None


def test_years_outside_64_bit_nanoseconds_are_none() -> None:
    assert parse_timestamp_ns("1677-09-21T00:12:44Z") is None
    assert parse_timestamp_ns("1678-01-01T00:00:00Z") == MIN_INSTANT_NS
    assert parse_timestamp_ns("2262-04-11T23:47:16.854775807Z") == MAX_INSTANT_NS
    assert parse_timestamp_ns("2262-04-11T23:47:16.854775808Z") is None
    assert parse_timestamp_ns("0001-01-01T00:00:00Z") is None


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    parse_timestamp_ns(text)


@given(INSTANTS, st.integers(-14 * 60, 14 * 60))
def test_a_written_instant_reads_back_at_every_offset(instant_ns: int, offset_minutes: int) -> None:
    zone = timezone(timedelta(minutes=offset_minutes))
    whole, fraction = divmod(instant_ns, 10**9)
    local = datetime(1970, 1, 1, tzinfo=zone) + timedelta(seconds=whole) + zone.utcoffset(None)
    text = local.strftime("%m-%dT%H:%M:%S") + f".{fraction:09d}" + local.isoformat()[19:]

    assert parse_timestamp_ns(f"{local.year:04d}-{text}") == instant_ns


@given(st.datetimes(datetime(1678, 1, 1), datetime(2262, 1, 1), timezones=st.just(UTC)))
def test_datetimes_survive_the_round_trip(when: datetime) -> None:
    assert to_datetime(to_instant_ns(when)) == when


def test_query_arguments_may_be_text_number_or_aware_datetime() -> None:
    when = datetime(2020, 11, 9, 9, 45, 44, tzinfo=timezone(timedelta(hours=2)))

    assert to_instant_ns("2020-11-09T07:45:44Z") == to_instant_ns(when) == to_instant_ns(NOON_NS) == NOON_NS


def test_a_number_argument_is_nanoseconds_whatever_its_size() -> None:
    assert to_instant_ns(1_604_907_944) == 1_604_907_944


@pytest.mark.parametrize("when", [datetime(2020, 1, 1), "yesterday", 2**63, True, None])
def test_an_unusable_argument_says_what_to_pass(when: object) -> None:
    with pytest.raises(InvalidArgumentError, match="pass"):
        to_instant_ns(when)  # type: ignore[arg-type] # wrong on purpose

"""The first line of a table is told from the first line of a log."""

import pytest

from cloudledger.adapters.files.headers import header_line

PLAIN = "lineItem/UsageType,lineItem/UnblendedCost,lineItem/ResourceId,pricing/unit"


@pytest.mark.parametrize(
    "line",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN + ",resourceTags/user:app",
        PLAIN + ",resourceTags/user:k8s.io/x=y,resourceTags/user:team@shop,user:a+b=c",
        PLAIN + ',"user:cost, center","resourceTags/user:a;b"',
        '"Date","Cost","Meter Name","Währung"',
        "Date,Cost,Currency,Meter\r",
        'Date, "Cost in USD", Currency, Meter',
    ],
)
def test_distinct_names_are_a_header(line: str) -> None:
    assert header_line(f"{line}\n1,2\n".encode()) == line.rstrip("\r").encode()


@pytest.mark.parametrize(
    "line",
    [
        "level=info,msg=started,user=bob,app=shop",
        "started; ready; waiting; done",
        "a,b,c",
        "a,b,c,a",
        "a,b,,c",
        "bob@example.com,eve@example.com,a,b,c,d",
        PLAIN + ",2026-11-20",
        '"a","b","c","d","open',
        "INFO,main,worker,request took 5 ms: ok=true?",
        "a," * 40_000 + "b",
    ],
)
def test_a_line_of_a_log_is_no_header(line: str) -> None:
    assert header_line(f"{line}\n".encode()) == b""

"""Requests: what is repeated, how long is waited, and when it is given up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from cloudledger.adapters.acquisition import (
    BreakerSettings,
    Failure,
    RateLimit,
    RequestFailedError,
    Requests,
    RetrySettings,
    Runtime,
    SourceIdentity,
    StoppedError,
    Verdict,
    failure_of_status,
    has,
)
from tests.adapters.acquisition.clock import VirtualClock

IDENTITY = SourceIdentity(stream="s", provider="aws", account="1", region="r", api="logs")


class Provider:
    """Answers, after the exceptions that it is given."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.asked = list(errors), 0

    def __call__(self) -> dict[str, list[str]]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return {"events": []}


class RefusedError(Exception):
    """An exception of an SDK, with what it means."""

    def __init__(self, failure: Failure, retry_after_s: float | None = None) -> None:
        super().__init__(failure.value)
        self.verdict = Verdict(failure, "password=hunter2hunter2", retry_after_s)


def classify(error: Exception) -> Verdict:
    return error.verdict if isinstance(error, RefusedError) else Verdict(Failure.FATAL, str(error))


def requests(
    clock: VirtualClock,
    *,
    retry: RetrySettings | None = None,
    rate: RateLimit | None = None,
    circuit: BreakerSettings | None = None,
    runtime: Runtime | None = None,
    refresh: Callable[[], None] = lambda: None,
) -> Requests:
    return Requests(
        IDENTITY,
        classify,
        refresh,
        runtime or clock.runtime(),
        retry or RetrySettings(),
        rate or RateLimit(per_s=1e6, burst=100),
        circuit or BreakerSettings(),
    )


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_a_failing_request_is_repeated_after_a_random_part_of_a_growing_delay(clock: VirtualClock) -> None:
    provider = Provider(*[RefusedError(Failure.TRANSIENT)] * 4)

    requests(clock, retry=RetrySettings(base_s=1, cap_s=3)).call(provider)

    waits = [wait for wait in clock.waits if wait]
    assert provider.asked == 5
    assert len(waits) == 4
    assert all(0 < wait <= 3 for wait in waits)


def test_a_delay_that_the_provider_asks_for_is_honoured_up_to_a_cap(clock: VirtualClock) -> None:
    provider = Provider(RefusedError(Failure.THROTTLED, 7), RefusedError(Failure.THROTTLED, 3600))

    requests(clock, retry=RetrySettings(base_s=0, honour_s=60)).call(provider)

    assert [wait for wait in clock.waits if wait] == [7, 60]


def test_who_is_throttled_keeps_all_of_its_family_waiting(clock: VirtualClock) -> None:
    runtime = clock.runtime()
    retry = RetrySettings(base_s=0)
    requests(clock, runtime=runtime, retry=retry).call(Provider(RefusedError(Failure.THROTTLED, 9)))
    bucket = runtime.bucket(IDENTITY.limit_key, RateLimit())
    bucket.close_for(5)

    before = clock.monotonic()
    requests(clock, runtime=runtime).call(Provider())

    assert clock.monotonic() - before == 5


def test_requests_keep_to_their_rate_over_all_sources_that_share_it(clock: VirtualClock) -> None:
    runtime = clock.runtime()
    rate = RateLimit(per_s=2, burst=2)
    sources = [requests(clock, runtime=runtime, rate=rate) for _ in range(3)]

    for _ in range(10):
        for source in sources:
            source.call(Provider())

    assert clock.monotonic() == pytest.approx(14, abs=0.1)


def test_what_may_not_be_repeated_is_not(clock: VirtualClock) -> None:
    for failure in (Failure.DENIED, Failure.FATAL, Failure.INVALID_TOKEN):
        provider = Provider(RefusedError(failure))
        with pytest.raises(RequestFailedError) as raised:
            requests(clock).call(provider)
        assert (provider.asked, raised.value.failure) == (1, failure)


def test_expired_credentials_are_refreshed_before_the_request_is_repeated(clock: VirtualClock) -> None:
    refreshed: list[int] = []
    provider = Provider(RefusedError(Failure.EXPIRED))

    requests(clock, refresh=lambda: refreshed.append(provider.asked)).call(provider)

    assert refreshed == [1]


def test_an_answer_without_its_list_is_asked_for_again(clock: VirtualClock) -> None:
    answers = iter([{}, {"events": ["a"]}])

    assert requests(clock).call(lambda: next(answers), whole=has("events")) == {"events": ["a"]}


def test_an_answer_that_stays_cut_off_is_truncated(clock: VirtualClock) -> None:
    with pytest.raises(RequestFailedError, match="truncated") as raised:
        requests(clock).call(dict, whole=has("events"))

    assert raised.value.failure is Failure.TRUNCATED


def test_a_window_loses_no_more_time_than_its_deadline(clock: VirtualClock) -> None:
    asking = requests(clock, retry=RetrySettings(attempts=1000, deadline_s=100), circuit=BreakerSettings(failures=999))
    provider = Provider(*[RefusedError(Failure.TRANSIENT)] * 1000)

    with pytest.raises(RequestFailedError, match="100 s were lost"):
        asking.call(provider)

    assert 60 < clock.monotonic() <= 100
    asking.new_deadline()
    provider.errors.clear()
    assert asking.call(provider) == {"events": []}


def test_after_failures_in_a_row_the_provider_is_left_alone_then_probed_once(clock: VirtualClock) -> None:
    asking = requests(clock, retry=RetrySettings(attempts=1), circuit=BreakerSettings(failures=3, open_s=30))
    for _ in range(3):
        with pytest.raises(RequestFailedError):
            asking.call(Provider(RefusedError(Failure.TRANSIENT)))
    provider = Provider(RefusedError(Failure.TRANSIENT))

    with pytest.raises(RequestFailedError, match="left alone for 30 s"):
        asking.call(provider)
    assert provider.asked == 0
    clock.forward(30)
    with pytest.raises(RequestFailedError, match="REDACTED"):
        asking.call(provider)  # the probe, which fails
    with pytest.raises(RequestFailedError, match="left alone for 60 s"):
        asking.call(provider)
    clock.forward(60)
    assert asking.call(provider) == {"events": []}
    assert asking.call(provider) == {"events": []}


def test_at_half_open_only_one_request_goes(clock: VirtualClock) -> None:
    runtime = clock.runtime()
    settings = BreakerSettings(failures=1, open_s=30)
    breaker = runtime.breaker("s", settings)
    breaker.failed()
    clock.forward(31)

    assert breaker.closed_in_s() == 0
    assert breaker.closed_in_s() == 30
    breaker.succeeded()
    assert breaker.closed_in_s() == 0


def test_who_is_told_to_stop_waits_no_longer(clock: VirtualClock) -> None:
    stop = Event()
    runtime = Runtime(stop=stop)
    provider = Provider(*[RefusedError(Failure.THROTTLED, 3600)] * 3)
    stop.set()

    with pytest.raises(StoppedError):
        requests(clock, runtime=runtime).call(provider)


def test_a_stop_ends_a_wait_at_once() -> None:
    from threading import Timer

    stop = Event()
    Timer(0.05, stop.set).start()

    with pytest.raises(StoppedError):
        Runtime(stop=stop).wait(60)


def test_a_stop_within_a_request_is_no_failure(clock: VirtualClock) -> None:
    provider = Provider(StoppedError("now"))

    with pytest.raises(StoppedError):
        requests(clock).call(provider)


def test_a_wait_ends_early_where_it_is_woken(clock: VirtualClock) -> None:
    wake = Event()
    runtime = clock.runtime()

    runtime.wait(1, wake)
    assert clock.monotonic() == pytest.approx(1)
    wake.set()
    runtime.wait(3600, wake)
    assert clock.monotonic() == pytest.approx(1)
    assert not wake.is_set()


def test_what_is_said_of_a_failure_holds_no_secret(clock: VirtualClock) -> None:
    with pytest.raises(RequestFailedError) as raised:
        requests(clock).call(Provider(RefusedError(Failure.DENIED)))

    assert "hunter2" not in str(raised.value)
    assert "[REDACTED]" in str(raised.value)


def test_a_status_says_what_a_failure_means() -> None:
    found = {status: failure_of_status(status).name for status in (400, 401, 403, 404, 408, 429, 500, 503)}

    assert found == {
        400: "FATAL",
        401: "EXPIRED",
        403: "DENIED",
        404: "DENIED",
        408: "TRANSIENT",
        429: "THROTTLED",
        500: "TRANSIENT",
        503: "TRANSIENT",
    }

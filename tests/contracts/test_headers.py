"""CloudEvents headers and trace context."""

from datetime import datetime, timedelta, timezone

import pytest

from streams.contracts import DeadLetter, ReviewInsight, cloud_event_headers, event_type, traceparent_of
from streams.contracts.headers import valid_traceparent

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def headers(traceparent: str | None = None) -> dict[str, bytes]:
    time = datetime(2026, 3, 14, 10, 26, 53, 5, tzinfo=timezone(timedelta(hours=1)))
    return dict(
        cloud_event_headers(
            event_id="é-1",
            source="/shopstream/reviews",
            kind=event_type(ReviewInsight),
            time=time,
            traceparent=traceparent,
        )
    )


def test_headers_are_those_of_the_binary_mode() -> None:
    assert headers() == {
        "ce_specversion": b"1.0",
        "ce_id": "é-1".encode(),
        "ce_source": b"/shopstream/reviews",
        "ce_type": b"shopstream.review-insight.v1",
        "ce_time": b"2026-03-14T09:26:53.000005Z",
        "content-type": b"application/json",
    }


def test_types_are_named_after_models() -> None:
    assert event_type(DeadLetter) == "shopstream.dead-letter.v1"


def test_a_trace_is_carried_through() -> None:
    incoming = [("content-type", b"application/json"), ("traceparent", TRACE.encode())]
    assert headers(traceparent_of(incoming))["traceparent"] == TRACE.encode()


def test_cloud_events_own_name_of_the_trace_is_read() -> None:
    assert traceparent_of([("ce_traceparent", TRACE.encode())]) == TRACE


def test_a_later_version_is_carried_on_as_this_one() -> None:
    assert valid_traceparent(b"cc" + TRACE[2:].encode() + b"-what-comes") == TRACE


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"x",
        TRACE.upper().encode(),
        b"ff" + TRACE[2:].encode(),
        TRACE.encode() + b"-more",
        TRACE.encode() + b"\n",
        TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32).encode(),
        TRACE.replace("00f067aa0ba902b7", "0" * 16).encode(),
        b"cc" + TRACE[2:].encode() + b"-" + b"x" * 600,
        b"\xff" * 55,
    ],
)
def test_what_is_no_trace_is_not_carried(bad: bytes) -> None:
    assert valid_traceparent(bad) is None
    assert traceparent_of([("traceparent", bad)]) is None


def test_no_headers_no_trace() -> None:
    assert traceparent_of(None) is None
    assert traceparent_of([("traceparent", None)]) is None
    assert "traceparent" not in headers("nonsense")

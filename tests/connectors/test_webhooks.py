"""Signatures: only the body that was signed, with that secret, about now."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.connectors.webhooks import signature, signature_check

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())


@given(secret=st.text(min_size=1), body=st.binary(), seconds=st.integers(-300, 300))
def test_what_was_signed_within_five_minutes_is_taken(secret, body, seconds):
    signed = signature(secret, STAMP + seconds, body)
    signature_check(secret, timestamp=str(STAMP + seconds), given=signed, body=body, now=NOW)


@given(body=st.binary(), other=st.binary())
def test_no_other_body_fits_a_signature(body, other):
    if body == other:
        return
    with pytest.raises(PermissionError):
        signature_check("s", timestamp=str(STAMP), given=signature("s", STAMP, body), body=other, now=NOW)


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1.5", "٣", "99999999999999999999"])
def test_a_timestamp_that_is_none_or_far_is_refused(timestamp):
    with pytest.raises(PermissionError):
        signature_check("s", timestamp=timestamp, given="", body=b"", now=NOW)


def test_the_timestamp_is_part_of_what_is_signed():
    signed = signature("s", STAMP, b"body")
    with pytest.raises(PermissionError, match="signature"):
        signature_check("s", timestamp=str(STAMP + 1), given=signed, body=b"body", now=NOW)


def test_a_replay_after_five_minutes_is_refused():
    signed = signature("s", STAMP, b"body")
    with pytest.raises(PermissionError, match="5 minutes"):
        signature_check("s", timestamp=str(STAMP), given=signed, body=b"body", now=NOW + timedelta(seconds=301))

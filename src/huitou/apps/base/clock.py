"""The one place that reads the time; everything below takes `now` as an argument."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC. Only edges (views, jobs, commands) call this."""
    return datetime.now(UTC)

"""Queued work of custom attributes."""

from huitou.apps.attributes.services import values_expire
from huitou.apps.base.jobs import JobContext, job


@job("attributes.expire")
def expire(context: JobContext) -> int:
    """Delete the values whose day has come."""
    return values_expire(now=context.now)

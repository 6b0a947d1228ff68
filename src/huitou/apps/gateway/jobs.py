"""The queued work of the gateway: sending what webhooks are owed."""

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.gateway.services.webhooks import deliveries_send


@job("gateway.deliver", attempts=1)  # the next one is planned within a minute
def deliver(context: JobContext) -> int:
    """Send every delivery that is due."""
    return deliveries_send(now=context.now)

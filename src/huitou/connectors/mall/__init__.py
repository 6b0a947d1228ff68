"""The online mall: REST API with an expiring token and a change feed, signed webhooks."""

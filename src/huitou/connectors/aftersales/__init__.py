"""The after-sales desk: REST API with a key and numbered pages, signed webhooks."""

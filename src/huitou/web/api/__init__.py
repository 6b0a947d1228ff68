"""The public HTTP API, /api/v1/: keys, scopes, problem+json, keyset pages. Every route has its line in `access.RULES`."""

"""The bodies of the API, one file per noun."""

"""Events that apps, mini-programs and partners send to `POST /api/v1/events`."""

"""What outsiders hold and are told."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "gateway.ApiKey", Purpose.SECURITY, Keep.BUSINESS,
        secret="key_sha256", general="id title prefix owner_id scopes created_at expires_at revoked_at last_used_at",
    ),
    Table(
        "gateway.RateWindow", Purpose.OPERATION, Keep.BOUNDED, days=1, dated_by="minute", general="id name minute used",
    ),
    Table(
        "gateway.WebhookEndpoint", Purpose.OPERATION, Keep.BUSINESS,
        secret="secret", general="id url events is_enabled created_by created_at",
    ),
    Table(
        "gateway.WebhookDelivery", Purpose.OPERATION, Keep.BOUNDED, days=180, dated_by="created_at",
        general="id endpoint_id event_code payload state attempts due_at last_status last_error created_at sent_at",
    ),
)  # fmt: skip

"""What the accounts' tables hold, those of Django and of the log-in guard included."""

from huitou.apps.base.classified import Keep, Purpose, Table

_ATTEMPT = "user_agent ip_address username"  # of staff

TABLES = (
    Table(
        "accounts.User", Purpose.ACCOUNT, Keep.ACCOUNT,
        secret="password totp_secret totp_step recovery_hashes",
        sensitive="username first_name last_name email display_name",
        general="id last_login is_superuser is_staff is_active date_joined role_code store_ids region_codes "
        "language theme density side",
    ),
    Table("accounts.User_groups", Purpose.ACCOUNT, Keep.ACCOUNT, general="id user_id group_id"),
    Table("accounts.User_user_permissions", Purpose.ACCOUNT, Keep.ACCOUNT, general="id user_id permission_id"),
    Table("auth.Permission", Purpose.ACCOUNT, Keep.BUSINESS, general="id name content_type_id codename"),
    Table("auth.Group", Purpose.ACCOUNT, Keep.BUSINESS, general="id name"),
    Table("auth.Group_permissions", Purpose.ACCOUNT, Keep.BUSINESS, general="id group_id permission_id"),
    Table("contenttypes.ContentType", Purpose.OPERATION, Keep.BUSINESS, general="id app_label model"),
    Table(
        "sessions.Session", Purpose.ACCOUNT, Keep.BOUNDED, days=0, dated_by="expire_date",
        secret="session_key session_data", general="expire_date",
    ),
    Table(
        "axes.AccessAttempt", Purpose.SECURITY, Keep.BOUNDED, days=180, dated_by="attempt_time",
        sensitive=f"{_ATTEMPT} get_data post_data", general="id http_accept path_info attempt_time failures_since_start",
    ),
    Table(
        "axes.AccessAttemptExpiration", Purpose.SECURITY, Keep.BOUNDED, days=0, dated_by="expires_at",
        general="access_attempt_id expires_at",
    ),
    Table(
        "axes.AccessFailureLog", Purpose.SECURITY, Keep.BOUNDED, days=180, dated_by="attempt_time",
        sensitive=_ATTEMPT, general="id http_accept path_info attempt_time locked_out",
    ),
    Table(
        "axes.AccessLog", Purpose.SECURITY, Keep.BOUNDED, days=180, dated_by="attempt_time",
        secret="session_hash", sensitive=_ATTEMPT, general="id http_accept path_info attempt_time logout_time",
    ),
)  # fmt: skip

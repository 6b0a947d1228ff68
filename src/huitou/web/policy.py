"""
Who may open which address: one line per route, checked by middleware before any view runs.

A route without a line is refused to everybody and fails a test, so nothing is open by omission.
"""

from dataclasses import dataclass

from huitou.apps.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class Access:
    """
    Who passes. `roles` None: everybody signed in.

    `is_public`: no log-in is asked for; `checks_itself`: the view verifies a signature or an API key.
    """

    roles: frozenset[str] | None = None
    is_public: bool = False
    checks_itself: bool = False


PUBLIC = Access(is_public=True)
OWN_CHECK = Access(checks_itself=True)
SIGNED_IN = Access()


def only(*roles: Role) -> Access:
    """Return the access of these roles and the administrator."""
    return Access(frozenset({Role.ADMIN.value, *(role.value for role in roles)}))


CUSTOMER_ROLES = only(Role.GUIDE, Role.STORE_MANAGER, Role.REGION_MANAGER, Role.MARKETER, Role.AGENT, Role.MANAGER)
LOOKUP_ROLES = only(
    Role.GUIDE, Role.STORE_MANAGER, Role.REGION_MANAGER, Role.MARKETER, Role.AGENT, Role.MANAGER, Role.CASHIER
)  # fmt: skip
REDEEMERS = only(Role.CASHIER, Role.STORE_MANAGER, Role.MARKETER)  # the mall's key belongs to head office
DATA_ROLES = only(Role.ENGINEER, Role.ANALYST, Role.MANAGER)
ORDER_ROLES = only(
    Role.GUIDE, Role.STORE_MANAGER, Role.REGION_MANAGER, Role.MARKETER, Role.AGENT, Role.MANAGER, Role.ANALYST
)  # fmt: skip
VALUE_ROLES = only(Role.MARKETER, Role.MANAGER, Role.ANALYST, Role.REGION_MANAGER, Role.STORE_MANAGER)
SEGMENT_ROLES = VALUE_ROLES
SEGMENT_EDITORS = only(Role.MARKETER, Role.MANAGER, Role.ANALYST)
DESIGN_ROLES = only(Role.MARKETER, Role.MANAGER, Role.ANALYST)  # chain-wide figures
DESIGNER_ROLES = only(Role.MARKETER)
FORECAST_ROLES = only(Role.MARKETER, Role.MANAGER, Role.ANALYST)
ASSOCIATION_ROLES = only(Role.MARKETER, Role.MANAGER, Role.ANALYST, Role.PRODUCT_OWNER)
OPERATOR_ROLES = only(Role.ENGINEER)
CATALOGUE_ROLES = only(
    Role.ENGINEER, Role.ANALYST, Role.MANAGER, Role.MARKETER, Role.REGION_MANAGER, Role.STORE_MANAGER, Role.PRODUCT_OWNER
)  # fmt: skip
ANOMALY_MUTERS = only(Role.MARKETER, Role.MANAGER, Role.REGION_MANAGER, Role.STORE_MANAGER)
MANY_TAGS_ROLES = only(Role.MARKETER, Role.MANAGER, Role.REGION_MANAGER, Role.STORE_MANAGER)
VALUE_WRITERS = only(Role.AGENT, Role.STORE_MANAGER, Role.GUIDE)
EXPORTERS = only(Role.MARKETER, Role.MANAGER, Role.AGENT)
STEWARD_ROLES = only(Role.ENGINEER, Role.AGENT)
ADMIN_ONLY = only()
TASK_ROLES = only(Role.GUIDE, Role.STORE_MANAGER, Role.REGION_MANAGER)
TASK_MAKERS = only(Role.STORE_MANAGER, Role.REGION_MANAGER)
STORE_WORKERS = Access(frozenset({Role.GUIDE.value, Role.STORE_MANAGER.value}))  # who stands in a shop
AUDIT_ROLES = Access(frozenset({Role.AUDITOR.value}))  # not the administrator: who makes accounts does not judge their trace

POLICY: dict[str, Access] = {
    "home": SIGNED_IN,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": OWN_CHECK,
    "set_language": PUBLIC,
    "accounts:login": PUBLIC,
    "accounts:code": PUBLIC,
    "accounts:second_factor": SIGNED_IN,
    "accounts:second_factor_off": SIGNED_IN,
    "accounts:logout": SIGNED_IN,
    "accounts:me": SIGNED_IN,
    "accounts:password": SIGNED_IN,
    "accounts:preferences": SIGNED_IN,
    "cockpit:cockpit": VALUE_ROLES,
    "value:value": VALUE_ROLES,
    "value:cross": VALUE_ROLES,
    "value:churn": VALUE_ROLES,
    "value:paths": VALUE_ROLES,
    "value:serving": VALUE_ROLES,
    "value:unit_costs": DESIGNER_ROLES,
    "tags:list": VALUE_ROLES,
    "tags:export": VALUE_ROLES,
    "tags:new": DESIGNER_ROLES,
    "tags:formula": DESIGNER_ROLES,
    "tags:interest": CUSTOMER_ROLES,
    "tags:off": CUSTOMER_ROLES,
    "tags:on": CUSTOMER_ROLES,
    "tags:restore": CUSTOMER_ROLES,
    "tags:undo": MANY_TAGS_ROLES,
    "tags:change": MANY_TAGS_ROLES,
    "tags:resume": MANY_TAGS_ROLES,
    "tags:inference": ADMIN_ONLY,
    "tags:scenarios": VALUE_ROLES,
    "tags:scenario_keep": DESIGNER_ROLES,
    "tasks:list": TASK_ROLES,
    "tasks:today": STORE_WORKERS,
    "tasks:close": TASK_ROLES,
    "tasks:take": STORE_WORKERS,
    "tasks:run_begin": TASK_MAKERS,
    "tasks:run": TASK_MAKERS,
    "tiers:list": DESIGN_ROLES,
    "tiers:scheme": DESIGN_ROLES,
    "tiers:save": DESIGNER_ROLES,
    "tiers:ask": DESIGNER_ROLES,
    "tiers:return": only(Role.MARKETER, Role.MANAGER),
    "tiers:publish": only(Role.MARKETER, Role.MANAGER),
    "tiers:discard": DESIGNER_ROLES,
    "tiers:take": DESIGNER_ROLES,
    "tiers:off": DESIGNER_ROLES,
    "forecast:backtest": FORECAST_ROLES,
    "clusters:clusters": FORECAST_ROLES,
    "clusters:to_segment": SEGMENT_EDITORS,
    "associations:list": ASSOCIATION_ROLES,
    "associations:thresholds": DESIGNER_ROLES,
    "look_alike:list": SEGMENT_EDITORS,
    "look_alike:ask": SEGMENT_EDITORS,
    "look_alike:keep": SEGMENT_EDITORS,
    "segments:list": SEGMENT_ROLES,
    "segments:new": SEGMENT_EDITORS,
    "segments:live": SEGMENT_ROLES,
    "segments:reach": SEGMENT_ROLES,
    "segments:why": SEGMENT_ROLES,
    "segments:segment": SEGMENT_ROLES,
    "segments:archive": SEGMENT_EDITORS,
    "segments:comparison": SEGMENT_EDITORS,
    "segments:compare": SEGMENT_EDITORS,
    "data:completeness": ADMIN_ONLY,
    "data:data": DATA_ROLES,
    "data:origins": DATA_ROLES,
    "data:batches": DATA_ROLES,
    "data:batch": DATA_ROLES,  # refused rows in clear only for who mends them
    "data:quarantine": DATA_ROLES,
    "data:quarantine_group": DATA_ROLES,  # like data:batch
    "imports:list": OPERATOR_ROLES,
    "imports:new": OPERATOR_ROLES,
    "imports:import": OPERATOR_ROLES,
    "imports:find": OPERATOR_ROLES,
    "imports:map": OPERATOR_ROLES,
    "imports:start": OPERATOR_ROLES,
    "imports:progress": OPERATOR_ROLES,
    "imports:errors": OPERATOR_ROLES,
    "imports:mend": OPERATOR_ROLES,
    "imports:undo": OPERATOR_ROLES,
    "intake:push": OWN_CHECK,
    "api_docs": DATA_ROLES,
    "api_nowhere": PUBLIC,
    "api:openapi-json": PUBLIC,
    "api:api-root": PUBLIC,
    "api:attributes_list": OWN_CHECK,
    "api:customer_attributes": OWN_CHECK,
    "api:customers_list": OWN_CHECK,
    "api:customers_search": OWN_CHECK,
    "api:customer_standing": OWN_CHECK,
    "api:coupon_issue": OWN_CHECK,
    "api:coupon_run_post": OWN_CHECK,
    "api:coupon_run_get": OWN_CHECK,
    "api:coupon_redeem": OWN_CHECK,
    "api:coupon_return": OWN_CHECK,
    "api:customer_get": OWN_CHECK,
    "api:customer_orders": OWN_CHECK,
    "api:customer_events": OWN_CHECK,
    "api:customer_relations": OWN_CHECK,
    "api:identity_get": OWN_CHECK,
    "api:identity_why": OWN_CHECK,
    "api:identity_tell": OWN_CHECK,
    "api:identity_merge": OWN_CHECK,
    "api:identity_split": OWN_CHECK,
    "api:events_post": OWN_CHECK,
    "api:orders_list": OWN_CHECK,
    "api:orders_get": OWN_CHECK,
    "api:imports_list": OWN_CHECK,
    "api:import_post": OWN_CHECK,
    "api:import_get": OWN_CHECK,
    "api:import_check": OWN_CHECK,
    "api:import_start": OWN_CHECK,
    "api:import_errors": OWN_CHECK,
    "api:import_undo": OWN_CHECK,
    "api:export_customers": OWN_CHECK,
    "api:customer_recommendations": OWN_CHECK,
    "api:basket_offers": OWN_CHECK,
    "api:withheld_put": OWN_CHECK,
    "api:stores_list": OWN_CHECK,
    "api:products_list": OWN_CHECK,
    "api:webhooks_list": OWN_CHECK,
    "api:webhook_post": OWN_CHECK,
    "api:webhook_delete": OWN_CHECK,
    "api:webhook_deliveries": OWN_CHECK,
    "api:webhook_replay": OWN_CHECK,
    "api:segments_list": OWN_CHECK,
    "api:segments_schema": OWN_CHECK,
    "api:segments_count": OWN_CHECK,
    "api:segments_preview": OWN_CHECK,
    "api:segment_get": OWN_CHECK,
    "api:segment_why": OWN_CHECK,
    "api:segment_post": OWN_CHECK,
    "lists:bulk": SIGNED_IN,  # these views ask whether the role may open the list itself, and do what is asked
    "lists:columns": SIGNED_IN,
    "lists:editor": SIGNED_IN,
    "lists:export": SIGNED_IN,
    "lists:parts": SIGNED_IN,
    "lists:place": SIGNED_IN,
    "lists:view": SIGNED_IN,
    "lists:view_keep": SIGNED_IN,
    "lists:view_act": SIGNED_IN,
    "builds:builds": DATA_ROLES,
    "builds:build": DATA_ROLES,
    "builds:jobs": DATA_ROLES,
    "coupons:list": CUSTOMER_ROLES,
    "coupons:coupon": CUSTOMER_ROLES,
    "coupons:kinds": DESIGN_ROLES,
    "coupons:kind": DESIGN_ROLES,  # the view itself lets only those of kind_new save
    "coupons:kind_new": DESIGNER_ROLES,
    "coupons:runs": DESIGN_ROLES,
    "coupons:run_begin": DESIGNER_ROLES,
    "coupons:run": DESIGN_ROLES,
    "coupons:run_progress": DESIGN_ROLES,
    "coupons:run_resume": DESIGNER_ROLES,
    "coupons:run_end": DESIGNER_ROLES,
    "coupons:run_withdraw": DESIGNER_ROLES,
    "coupons:issue": DESIGNER_ROLES,
    "coupons:withdraw": DESIGNER_ROLES,
    "coupons:redeem": REDEEMERS,
    "coupons:return": REDEEMERS,
    "customers:list": CUSTOMER_ROLES,
    "customers:search": LOOKUP_ROLES,
    "customers:person": LOOKUP_ROLES,
    "customers:timeline": LOOKUP_ROLES,
    "customers:order": LOOKUP_ROLES,
    "customers:consent": only(Role.GUIDE, Role.STORE_MANAGER, Role.AGENT),
    "customers:keep_back": CUSTOMER_ROLES,
    "customers:offer_again": CUSTOMER_ROLES,
    "customers:rights": only(Role.AGENT),
    "customers:copy": only(Role.AGENT),
    "customers:correct": only(Role.AGENT),
    "customers:correction_off": only(Role.AGENT),
    "customers:erase": ADMIN_ONLY,
    "customers:reveal": CUSTOMER_ROLES,
    "privacy:erasures": only(Role.AGENT, Role.AUDITOR),
    "privacy:delay": ADMIN_ONLY,
    "privacy:erase_cancel": ADMIN_ONLY,
    "privacy:missing": ADMIN_ONLY,
    "privacy:missing_choose": ADMIN_ONLY,
    "privacy:missing_close": ADMIN_ONLY,
    "exports:list": EXPORTERS,
    "exports:new": EXPORTERS,
    "exports:decide": only(Role.MANAGER),
    "exports:take": EXPORTERS,
    "identity:review": STEWARD_ROLES,
    "identity:answer": STEWARD_ROLES,
    "identity:answer_many": STEWARD_ROLES,
    "identity:undo": STEWARD_ROLES,
    "identity:undo_round": STEWARD_ROLES,
    "identity:rules": OPERATOR_ROLES,
    "identity:rule": OPERATOR_ROLES,
    "identity:sample": STEWARD_ROLES,
    "identity:sample_draw": STEWARD_ROLES,
    "identity:sample_judge": STEWARD_ROLES,
    "identity:entity": STEWARD_ROLES,
    "identity:split": STEWARD_ROLES,
    "users:list": ADMIN_ONLY,
    "users:new": ADMIN_ONLY,
    "users:edit": ADMIN_ONLY,
    "users:switch": ADMIN_ONLY,
    "users:factor_off": ADMIN_ONLY,
    "attributes:list": OPERATOR_ROLES,
    "attributes:new": OPERATOR_ROLES,
    "attributes:edit": OPERATOR_ROLES,
    "attributes:preset": OPERATOR_ROLES,
    "attributes:event_new": OPERATOR_ROLES,
    "attributes:event_edit": OPERATOR_ROLES,
    "attributes:switch": OPERATOR_ROLES,
    "quality:stale": CUSTOMER_ROLES,
    "quality:confirm": VALUE_WRITERS,
    "quality:tag_confirm": VALUE_WRITERS,
    "quality:stale_export": EXPORTERS,
    "attributes:verify": VALUE_WRITERS,
    "attributes:person": LOOKUP_ROLES,
    "attributes:observe": VALUE_WRITERS,
    "attributes:reveal": CUSTOMER_ROLES,
    "audit:audit": AUDIT_ROLES,
    "audit:data_map": AUDIT_ROLES,
    "audit:verify": AUDIT_ROLES,
    "audit:affected": AUDIT_ROLES,
    "sources:list": OPERATOR_ROLES,
    "sources:new": ADMIN_ONLY,
    "sources:map": ADMIN_ONLY,
    "sources:switch": ADMIN_ONLY,
    "system:find": SIGNED_IN,
    "system:notices": SIGNED_IN,
    "system:components": OPERATOR_ROLES,
    "system:components-toast": OPERATOR_ROLES,
    "orders:list": ORDER_ROLES,
    "orders:order": ORDER_ROLES,
    "anomalies:list": VALUE_ROLES,
    "anomalies:mute": ANOMALY_MUTERS,
    "anomalies:unmute": ANOMALY_MUTERS,
    "stores:store": VALUE_ROLES,
    "products:stores": CATALOGUE_ROLES,
    "products:products": CATALOGUE_ROLES,
    "products:product": CATALOGUE_ROLES,
}


def may_open(route: str, role_code: str) -> bool:
    """Say whether a signed-in person of this role may open the route (menus ask this too)."""
    access = POLICY.get(route)
    return access is not None and (access.roles is None or role_code in access.roles)


def role_labels(route: str) -> list[str]:
    """Return the roles that may open the route, as words for the page that refuses somebody else."""
    access = POLICY.get(route)
    if access is None or access.roles is None:
        return []
    return [str(role.label) for role in Role if role.value in access.roles]

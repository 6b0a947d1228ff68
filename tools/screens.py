"""
Every page that `make shots` and the tests look at. A new page joins by a line here.

`{name}` in a path is filled from what the installation has; a page whose place has no value is named as skipped.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Screen:
    """
    One picture. role: who opens it ("" for a stranger). opens: what is clicked, or a key pressed ("key:?"), before looking.

    others: further roles whose frame or content differs; the full matrix opens it as them too. status: what it is answered with.
    """

    name: str
    path: str
    role: str = "admin"
    opens: str = ""
    others: tuple[str, ...] = ()
    status: int = 200


SCREENS = (
    Screen("log-in", "/account/login", role=""),
    Screen("cockpit", "/cockpit", others=("manager", "store_manager")),
    Screen("cockpit-regions", "/cockpit?days=91&cut=region&spend=total"),
    Screen("cockpit-month", "/cockpit?month={month}"),
    Screen("customers", "/customers", others=("marketer", "guide", "agent")),
    Screen("customers-filtered", "/customers?f=any(stage.eq.new,sources.gte.2),not(is_member.eq.0)"),
    Screen("customers-view", "/customers?view={view_id}&f=stage.eq.new&sort=-orders"),
    Screen("customers-views", "/customers", opens=".ht-list-views-end > details:last-child > summary"),
    Screen("customers-groups", "/customers?as=groups", others=("store_manager",)),
    Screen("customers-groups-stores", "/customers?as=groups&by=home_store&f=is_member.eq.1"),
    Screen("customers-board", "/customers?as=board&by=stage", others=("store_manager",)),
    Screen("customers-board-tiers", "/customers?as=board"),
    Screen("customers-nobody", "/customers?f=net_365d.gte.99999900"),
    Screen("customers-editor", "/customers?f=any(stage.eq.new,sources.gte.2)", opens="a.ht-add[href='#filter']"),
    Screen("person", "/customers/{person_id}", others=("guide", "agent")),
    Screen("person-consent", "/customers/{person_id}#consent-new", role="agent"),
    Screen("person-timeline", "/customers/{person_id}?kind=file"),
    Screen("person-why", "/customers/{person_id}#why-same-person"),
    Screen("identity-review", "/identity/review", role="agent"),
    Screen("identity-review-round", "/identity/review?band=low&pair={review_id}", role="agent", opens="[data-open-dialog=round]"),
    Screen("identity-rules", "/identity/rules", role="engineer"),
    Screen("identity-rule", "/identity/rules/address", role="engineer"),
    Screen("identity-sample", "/identity/sample", role="agent"),
    Screen("identity-entity", "/identity/persons/{person_id}", role="agent"),
    Screen("coupons", "/coupons", others=("guide",)),
    Screen("coupons-filtered", "/coupons?f=state.eq.usable&sort=last_day", role="marketer"),
    Screen("coupon", "/coupons/{coupon_id}", role="marketer", others=("guide",)),
    Screen("coupon-kinds", "/coupons/kinds", others=("marketer",)),
    Screen("coupon-kind-new", "/coupons/kinds/new", role="marketer"),
    Screen("coupon-kind", "/coupons/kinds/{coupon_kind_id}", others=("manager",)),
    Screen("coupon-run", "/coupons/runs/{coupon_run_id}", role="marketer"),
    Screen("coupon-runs", "/coupons/runs", role="marketer", others=("manager",)),
    Screen("tasks", "/tasks?f=state.eq.open", role="store_manager", others=("guide", "admin")),
    Screen("tasks-all", "/tasks?sort=-due_on"),
    Screen("tasks-today", "/tasks/today", role="guide", others=("store_manager",)),
    Screen("person-tasks", "/customers/{task_person_id}#tasks", role="guide"),
    Screen("stale-to-tasks", "/customers/stale", role="store_manager", opens="[data-open-dialog=to-tasks]"),
    Screen("segments", "/segments", others=("marketer", "store_manager")),
    Screen("segment-new", "/segments/new"),
    Screen("segment", "/segments/{segment_id}", others=("store_manager",)),
    Screen("value", "/value", others=("marketer", "store_manager")),
    Screen("value-grid", "/value?scheme=six_classes"),
    Screen("value-cross", "/value/cross"),
    Screen("value-churn", "/value/churn", others=("store_manager",)),
    Screen("value-paths", "/value/paths", others=("store_manager",)),
    Screen("value-serving", "/value/serving", others=("store_manager",)),
    Screen("value-unit-costs", "/value/serving/costs", others=("marketer",)),
    Screen("tags", "/tags", others=("marketer",)),
    Screen("tag-scenarios", "/tags/scenarios", others=("analyst",)),
    Screen("schemes", "/value/schemes", others=("marketer",)),
    Screen("designer", "/value/schemes/pyramid", others=("marketer",)),
    Screen("designer-rules", "/value/schemes/lifecycle"),
    Screen("look-alike", "/segments/look-alike", others=("analyst",)),
    Screen("clusters", "/value/clusters", others=("analyst",)),
    Screen("associations", "/value/associations", others=("marketer",)),
    Screen("anomalies", "/anomalies", others=("store_manager",)),
    Screen("value-backtest", "/value/backtest", others=("analyst",)),
    Screen("data", "/data", others=("analyst", "engineer")),
    Screen("completeness-weights", "/data/completeness"),
    Screen("data-origins", "/data/origins"),
    Screen("batches", "/data/batches", others=("analyst",)),
    Screen("batch", "/data/batches/{batch_id}", others=("analyst",)),
    Screen("quarantine", "/data/quarantine", others=("engineer",)),
    Screen("quarantine-filtered", "/data/quarantine?f=any(kind.eq.order,rows.gte.2)&sort=-rows"),
    Screen("refused-rows", "/data/quarantine/{refused_id}", others=("analyst",)),
    Screen("imports", "/imports", role="engineer"),
    Screen("import", "/imports/{import_id}", role="engineer"),
    Screen("builds", "/builds", others=("manager",)),
    Screen("build", "/builds/{build}"),
    Screen("stores", "/stores", others=("store_manager",)),
    Screen("store", "/stores/{store_id}", others=("store_manager",)),
    Screen("orders", "/orders", others=("guide", "analyst")),
    Screen("orders-filtered", "/orders?f=net.gte.20000,any(returned.gt.0,buyer.eq.anonymous)&sort=-net"),
    Screen("order", "/orders/{order_id}", others=("guide",)),
    Screen("products", "/products"),
    Screen("product", "/products/{product_id}", others=("store_manager",)),
    Screen("users", "/users"),
    Screen("attributes", "/attributes", role="engineer"),
    Screen("attribute-new", "/attributes/new", role="engineer"),
    Screen("attributes-stale", "/customers/stale", role="agent"),
    Screen("exports", "/exports", role="manager"),
    Screen("export-new", "/exports/new", role="marketer"),
    Screen("erasures", "/privacy/erasures", role="admin"),
    Screen("erasure-missing", "/privacy/erasures/missing/{missing_id}", role="admin"),
    Screen("person-rights", "/customers/{person_id}/rights", role="admin"),
    Screen("second-factor", "/account/second-factor"),
    Screen("user-new", "/users/new"),
    Screen("sources", "/sources", others=("engineer",)),
    Screen("source-new", "/sources/new/database"),
    Screen("audit", "/audit", role="auditor"),
    Screen("audit-affected", "/audit/affected/1", role="auditor"),
    Screen("data-map", "/audit/data-map", role="auditor"),
    Screen("account", "/account/me", others=("cashier",)),
    Screen("password", "/account/password"),
    Screen("components", "/system/components"),
    Screen("palette", "/account/me", opens="key:Control+k"),
    Screen("keys", "/account/me", opens="key:?"),
    Screen("person-menu", "/account/me", opens=".ht-top > .ht-person-menu > summary"),
    Screen("bell", "/account/me", opens=".ht-bell > summary"),
    Screen("not-found", "/nothing-here", status=404),
    Screen("refused", "/users", role="marketer", status=403),
)

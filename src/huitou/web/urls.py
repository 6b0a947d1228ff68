"""Where every address leads; each app brings its own."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.i18n import set_language

from huitou.web.api.api import api
from huitou.web.api.docs import api_docs
from huitou.web.api.problems import not_found
from huitou.web.health import healthz, readyz
from huitou.web.home import home
from huitou.web.metrics import metrics

handler403 = "huitou.web.errors.denied"
handler404 = "huitou.web.errors.not_found"
handler500 = "huitou.web.errors.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("language", set_language, name="set_language"),
    path("account/", include("huitou.apps.accounts.urls")),
    path("api/v1/", api.urls),
    path("api/docs", api_docs, name="api_docs"),
    re_path("^api/", not_found, name="api_nowhere"),
    path("hooks/", include("huitou.apps.intake.urls")),
    path("", include("huitou.web.pages.attribute_urls")),
    path("", include("huitou.web.pages.build_urls")),
    path("", include("huitou.web.pages.cockpit_urls")),
    path("", include("huitou.web.pages.coupon_urls")),
    path("", include("huitou.web.pages.customer_urls")),
    path("", include("huitou.web.pages.data_urls")),
    path("", include("huitou.web.pages.export_urls")),
    path("", include("huitou.web.pages.import_urls")),
    path("", include("huitou.web.pages.order_urls")),
    path("", include("huitou.web.pages.privacy_urls")),
    path("", include("huitou.web.pages.quality_urls")),
    path("", include("huitou.web.pages.source_urls")),
    path("", include("huitou.web.pages.list_urls")),
    path("identity/", include("huitou.web.pages.identity_urls")),
    path("", include("huitou.web.pages.store_urls")),
    path("", include("huitou.web.pages.system_urls")),
    path("", include("huitou.web.pages.tag_urls")),
    path("", include("huitou.web.pages.task_urls")),
    path("", include("huitou.web.pages.tier_urls")),
    path("", include("huitou.web.pages.value_urls")),
    path("", include("huitou.web.pages.anomaly_urls")),
    path("", include("huitou.web.pages.forecast_urls")),
    path("", include("huitou.web.pages.cluster_urls")),
    path("", include("huitou.web.pages.association_urls")),
    path("", include("huitou.web.pages.look_alike_urls")),
    path("", include("huitou.web.pages.segment_urls")),
    path("", include("huitou.web.pages.product_urls")),
    path("", include("huitou.web.pages.user_urls")),
    path("", include("huitou.web.pages.audit_urls")),
]

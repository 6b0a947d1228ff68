"""Where every address leads; each app brings its own."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from huitou.web.health import healthz
from huitou.web.home import home

handler403 = "huitou.web.errors.denied"
handler404 = "huitou.web.errors.not_found"
handler500 = "huitou.web.errors.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("language", set_language, name="set_language"),
    path("account/", include("huitou.apps.accounts.urls")),
    path("hooks/", include("huitou.apps.intake.urls")),
    path("", include("huitou.web.pages.build_urls")),
    path("", include("huitou.web.pages.customer_urls")),
    path("", include("huitou.web.pages.data_urls")),
    path("", include("huitou.web.pages.system_urls")),
    path("", include("huitou.apps.products.urls")),
    path("", include("huitou.web.pages.user_urls")),
    path("", include("huitou.web.pages.audit_urls")),
]

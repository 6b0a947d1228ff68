from django.urls import path

from huitou.web.pages import designer, value

app_name = "value"
urlpatterns = [
    path("value", value.value, name="value"),
    path("value/cross", value.cross, name="cross"),
    path("value/schemes", designer.schemes, name="schemes"),
    path("value/schemes/<slug:code>", designer.scheme, name="scheme"),
    path("value/schemes/<slug:code>/save", designer.scheme_save, name="scheme_save"),
    path("value/schemes/<slug:code>/publish", designer.scheme_publish, name="scheme_publish"),
    path("value/schemes/<slug:code>/discard", designer.scheme_discard, name="scheme_discard"),
    path("value/schemes/<slug:code>/take", designer.scheme_take, name="scheme_take"),
    path("value/schemes/<slug:code>/off", designer.scheme_off, name="scheme_off"),
]

from django.urls import path

from huitou.web.pages import designer

app_name = "tiers"
urlpatterns = [
    path("value/schemes", designer.schemes, name="list"),
    path("value/schemes/<slug:code>", designer.scheme, name="scheme"),
    path("value/schemes/<slug:code>/save", designer.scheme_save, name="save"),
    path("value/schemes/<slug:code>/ask", designer.scheme_ask, name="ask"),
    path("value/schemes/<slug:code>/return", designer.scheme_return, name="return"),
    path("value/schemes/<slug:code>/publish", designer.scheme_publish, name="publish"),
    path("value/schemes/<slug:code>/discard", designer.scheme_discard, name="discard"),
    path("value/schemes/<slug:code>/take", designer.scheme_take, name="take"),
    path("value/schemes/<slug:code>/off", designer.scheme_off, name="off"),
]

"""Addresses that outside systems push to."""

from django.urls import path

from huitou.apps.intake import views

app_name = "intake"
urlpatterns = [path("<slug:source_code>/<slug:stream_code>", views.push, name="push")]

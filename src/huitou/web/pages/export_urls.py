from django.urls import path

from huitou.web.pages import exports

app_name = "exports"
urlpatterns = [
    path("exports", exports.export_list, name="list"),
    path("exports/new", exports.export_new, name="new"),
    path("exports/<int:export_id>/decide", exports.decide, name="decide"),
    path("exports/<int:export_id>/take", exports.take, name="take"),
]

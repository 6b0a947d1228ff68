from django.urls import path

from huitou.web.pages import store

app_name = "stores"
urlpatterns = [path("stores/<int:store_id>", store.store, name="store")]

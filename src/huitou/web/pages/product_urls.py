from django.urls import path

from huitou.apps.products import views
from huitou.web.pages import stores

app_name = "products"
urlpatterns = [
    path("stores", stores.stores, name="stores"),
    path("products", views.products, name="products"),
]

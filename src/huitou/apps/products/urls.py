from django.urls import path

from huitou.apps.products import views

app_name = "products"
urlpatterns = [
    path("stores", views.stores, name="stores"),
    path("products", views.products, name="products"),
]

from django.urls import path

from huitou.web.pages import products, stores

app_name = "products"
urlpatterns = [
    path("stores", stores.stores, name="stores"),
    path("products", products.products, name="products"),
]

from django.urls import path

from huitou.web.pages import product, products, stores

app_name = "products"
urlpatterns = [
    path("stores", stores.stores, name="stores"),
    path("products", products.products, name="products"),
    path("products/<int:product_id>", product.product, name="product"),
]

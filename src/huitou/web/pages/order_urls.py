from django.urls import path

from huitou.web.pages import orders

app_name = "orders"
urlpatterns = [
    path("orders", orders.orders, name="list"),
    path("orders/<int:net_order_id>", orders.order, name="order"),
]

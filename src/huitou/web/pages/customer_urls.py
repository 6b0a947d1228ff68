from django.urls import path

from huitou.web.pages import customers, person

app_name = "customers"
urlpatterns = [
    path("customers", customers.customers, name="list"),
    path("customers/search", customers.search, name="search"),
    path("customers/<int:person_id>", person.person, name="person"),
    path("customers/<int:person_id>/timeline", person.person_timeline, name="timeline"),
    path("customers/<int:person_id>/orders/<int:net_order_id>", person.person_order, name="order"),
    path("customers/<int:person_id>/reveal/<slug:field>", person.person_reveal, name="reveal"),
]

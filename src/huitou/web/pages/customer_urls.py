from django.urls import path

from huitou.web.pages import customers, person, person_consent, person_offers, person_rights

app_name = "customers"
urlpatterns = [
    path("customers", customers.customers, name="list"),
    path("customers/search", customers.search, name="search"),
    path("customers/<int:person_id>", person.person, name="person"),
    path("customers/<int:person_id>/timeline", person.person_timeline, name="timeline"),
    path("customers/<int:person_id>/orders/<int:net_order_id>", person.person_order, name="order"),
    path("customers/<int:person_id>/consent", person_consent.consent, name="consent"),
    path("customers/<int:person_id>/offers/<int:category_id>/off", person_offers.keep_back, name="keep_back"),
    path("customers/<int:person_id>/offers/<int:withheld_id>/on", person_offers.offer_again, name="offer_again"),
    path("customers/<int:person_id>/rights", person_rights.rights, name="rights"),
    path("customers/<int:person_id>/rights/copy", person_rights.copy, name="copy"),
    path("customers/<int:person_id>/rights/correct", person_rights.correct, name="correct"),
    path("customers/corrections/<int:correction_id>/off", person_rights.correction_off, name="correction_off"),
    path("customers/<int:person_id>/rights/erase", person_rights.erase, name="erase"),
    path("customers/<int:person_id>/reveal/<slug:field>", person.person_reveal, name="reveal"),
]

from django.urls import path

from huitou.web.pages import coupons, person_coupons

app_name = "coupons"
urlpatterns = [
    path("coupons", coupons.coupons, name="list"),
    path("coupons/kinds", coupons.kinds, name="kinds"),
    path("coupons/kinds/new", coupons.kind_new, name="kind_new"),
    path("coupons/kinds/<int:kind_id>", coupons.kind, name="kind"),
    path("customers/<int:person_id>/coupons", person_coupons.issue, name="issue"),
    path("customers/<int:person_id>/coupons/<int:coupon_id>/withdraw", person_coupons.withdraw, name="withdraw"),
    path("customers/<int:person_id>/coupons/<int:coupon_id>/redeem", person_coupons.redeem, name="redeem"),
    path("customers/<int:person_id>/coupons/<int:coupon_id>/return", person_coupons.give_back, name="return"),
]

from django.urls import path

from huitou.web.pages import coupon, coupon_runs, coupons, person_coupons

app_name = "coupons"
urlpatterns = [
    path("coupons", coupons.coupons, name="list"),
    path("coupons/<int:coupon_id>", coupon.coupon, name="coupon"),
    path("coupons/kinds", coupons.kinds, name="kinds"),
    path("coupons/kinds/new", coupons.kind_new, name="kind_new"),
    path("coupons/kinds/<int:kind_id>", coupons.kind, name="kind"),
    path("coupons/runs", coupon_runs.runs, name="runs"),
    path("coupons/runs/new", coupon_runs.run_begin, name="run_begin"),
    path("coupons/runs/<int:run_id>", coupon_runs.run, name="run"),
    path("coupons/runs/<int:run_id>/progress", coupon_runs.progress, name="run_progress"),
    path("coupons/runs/<int:run_id>/resume", coupon_runs.resume, name="run_resume"),
    path("coupons/runs/<int:run_id>/end", coupon_runs.end, name="run_end"),
    path("coupons/runs/<int:run_id>/withdraw", coupon_runs.withdraw_all, name="run_withdraw"),
    path("customers/<int:person_id>/coupons", person_coupons.issue, name="issue"),
    path("customers/<int:person_id>/coupons/<int:coupon_id>/withdraw", person_coupons.withdraw, name="withdraw"),
    path("customers/<int:person_id>/coupons/<int:coupon_id>/redeem", person_coupons.redeem, name="redeem"),
    path("customers/<int:person_id>/coupons/<int:coupon_id>/return", person_coupons.give_back, name="return"),
]

from django.contrib.auth.views import LogoutView
from django.urls import path

from huitou.apps.accounts import second_factor_views, views

app_name = "accounts"
urlpatterns = [
    path("login", views.LogIn.as_view(), name="login"),
    path("code", second_factor_views.code, name="code"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("me", views.me, name="me"),
    path("password", views.PasswordChange.as_view(), name="password"),
    path("second-factor", second_factor_views.second_factor, name="second_factor"),
    path("second-factor/off", second_factor_views.second_factor_off, name="second_factor_off"),
    path("preferences", views.preferences, name="preferences"),
]

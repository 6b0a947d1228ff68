from django.contrib.auth.views import LogoutView
from django.urls import path

from huitou.apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login", views.LogIn.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("me", views.me, name="me"),
    path("password", views.PasswordChange.as_view(), name="password"),
    path("preferences", views.preferences, name="preferences"),
]

from django.urls import path

from huitou.web.pages import users

app_name = "users"
urlpatterns = [
    path("users", users.users, name="list"),
    path("users/new", users.user_edit, name="new"),
    path("users/<int:user_id>", users.user_edit, name="edit"),
    path("users/<int:user_id>/switch", users.user_switch, name="switch"),
    path("users/<int:user_id>/factor-off", users.user_factor_off, name="factor_off"),
]

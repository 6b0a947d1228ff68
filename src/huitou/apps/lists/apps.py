from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "huitou.apps.lists"
    label = "lists"

from django.urls import path

from huitou.web.pages import attributes

app_name = "attributes"
urlpatterns = [
    path("attributes", attributes.attribute_list, name="list"),
    path("attributes/new", attributes.attribute_edit, name="new"),
    path("attributes/<int:attribute_id>", attributes.attribute_edit, name="edit"),
    path("attributes/presets/<slug:code>", attributes.preset_add, name="preset"),
    path("attributes/events/new", attributes.event_edit, name="event_new"),
    path("attributes/events/<int:event_type_id>", attributes.event_edit, name="event_edit"),
    path("attributes/<slug:kind>/<int:pk>/switch", attributes.definition_switch, name="switch"),
    path("attributes/values/<int:value_id>/verify", attributes.verify, name="verify"),
    path("customers/<int:person_id>/attributes", attributes.person_card, name="person"),
    path("customers/<int:person_id>/attributes/<int:attribute_id>", attributes.observe, name="observe"),
    path("customers/<int:person_id>/attributes/<int:attribute_id>/reveal", attributes.reveal, name="reveal"),
]

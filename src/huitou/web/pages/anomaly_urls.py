from django.urls import path

from huitou.web.pages import anomalies

app_name = "anomalies"
urlpatterns = [
    path("anomalies", anomalies.anomalies, name="list"),
    path("anomalies/<int:anomaly_id>/mute", anomalies.mute, name="mute"),
    path("anomalies/<int:anomaly_id>/unmute", anomalies.unmute, name="unmute"),
]

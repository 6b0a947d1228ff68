"""Actions of the anomalies app."""

from huitou.apps.anomalies.services.look import anomalies_look
from huitou.apps.anomalies.services.mute import NotThere, anomaly_mute, anomaly_unmute

__all__ = ["NotThere", "anomalies_look", "anomaly_mute", "anomaly_unmute"]

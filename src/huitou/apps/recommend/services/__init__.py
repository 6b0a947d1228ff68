"""Actions of the recommend app."""

from huitou.apps.recommend.services.associations import NO_BASKET, TOO_MANY, associations_run, thresholds_save
from huitou.apps.recommend.services.run import is_made, recommend_run
from huitou.apps.recommend.services.withholding import NotThere, withheld_end, withheld_set

__all__ = [
    "NO_BASKET",
    "TOO_MANY",
    "NotThere",
    "associations_run",
    "is_made",
    "recommend_run",
    "thresholds_save",
    "withheld_end",
    "withheld_set",
]

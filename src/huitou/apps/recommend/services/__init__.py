"""Actions of the recommend app."""

from huitou.apps.recommend.services.run import is_made, recommend_run
from huitou.apps.recommend.services.withholding import NotThere, withheld_end, withheld_set

__all__ = ["NotThere", "is_made", "recommend_run", "withheld_end", "withheld_set"]

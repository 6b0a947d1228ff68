"""How everybody shops, as features for what learns from it. For jobs, no screen."""

from huitou.apps.value.groups import Floats, Ints, features_of_everybody
from huitou.apps.value.services.infer import FEATURES


def habits_of_everybody() -> tuple[Ints, Floats]:
    """Return everybody with stored values in rising id, and twelve habits (n, 12), NaN for no answer."""
    return features_of_everybody(FEATURES)

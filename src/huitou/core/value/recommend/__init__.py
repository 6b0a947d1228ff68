"""What to offer a customer next, and what goes with a basket; docs/algorithms/recommend.md."""

from huitou.core.value.recommend.again import Again, AgainReason, again
from huitou.core.value.recommend.complements import Complements, Links, complements, links_of
from huitou.core.value.recommend.exclusions import JUST_BOUGHT, Exclusions
from huitou.core.value.recommend.fresh import Fresh, FreshReason, Taste, fresh
from huitou.core.value.recommend.habits import Habits
from huitou.core.value.recommend.history import History, history
from huitou.core.value.recommend.refusal import NoRecommendation, Refusal
from huitou.core.value.recommend.stock import Affinity, Stock, affinity, stock_of
from huitou.core.value.recommend.trial import BasketTrial, Row, Trial, basket_trial, trial

__all__ = [
    "JUST_BOUGHT", "Affinity", "Again", "AgainReason", "BasketTrial", "Complements", "Exclusions", "Fresh", "FreshReason",
    "Habits", "History", "Links", "NoRecommendation", "Refusal", "Row", "Stock", "Taste", "Trial", "affinity", "again",
    "basket_trial", "complements", "fresh", "history", "links_of", "stock_of", "trial",
]  # fmt: skip

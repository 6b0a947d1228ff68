"""What a customer will do soon: the chance of a purchase, the risk of a lapse, the next date; docs/algorithms/soon.md."""

from huitou.core.value.soon.chance import Chance, ChanceTest, chance, chance_of
from huitou.core.value.soon.cycle import Cycles, NoDate, cycles

__all__ = ["Chance", "ChanceTest", "Cycles", "NoDate", "chance", "chance_of", "cycles"]

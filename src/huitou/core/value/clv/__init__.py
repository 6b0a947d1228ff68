"""Customer lifetime value: BG/NBD, MBG/NBD and Gamma-Gamma, see docs/algorithms/clv.md."""

from huitou.core.value.clv.purchases import BGNBD, MBGNBD
from huitou.core.value.clv.spend import GammaGamma

__all__ = ["BGNBD", "MBGNBD", "GammaGamma"]

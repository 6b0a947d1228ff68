"""What a customer is worth and where they stand in their life with the chain."""

from huitou.core.value import clv, soon
from huitou.core.value.rfm import rfm

__all__ = ["clv", "rfm", "soon"]

"""Customer lifetime value and forecasts, see docs/algorithms/clv.md and docs/algorithms/forecast.md."""

from huitou.core.value.clv.candidates import Model
from huitou.core.value.clv.forecast import Backtest, Forecast, NoForecast, Refusal, Row, forecast
from huitou.core.value.clv.purchases import BGNBD, MBGNBD
from huitou.core.value.clv.spend import GammaGamma

__all__ = [
    "BGNBD", "MBGNBD", "Backtest", "Forecast", "GammaGamma", "Model", "NoForecast", "Refusal", "Row", "forecast",
]  # fmt: skip

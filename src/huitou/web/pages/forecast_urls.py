from django.urls import path

from huitou.web.pages import backtest

app_name = "forecast"
urlpatterns = [path("value/backtest", backtest.backtest, name="backtest")]

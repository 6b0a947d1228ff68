"""The backtest page: how the forecast did on the chain's own past, beside simpler ways; drawn from the stored run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from huitou.apps.value import queries
from huitou.apps.value.models import HORIZON_DAYS, ForecastRun
from huitou.core.value.clv import Model, Refusal
from huitou.web import charts, formats
from huitou.web.charts import Chart, Frame, Point2, Series, Unit
from huitou.web.pages.person_offers import trial_context

COVERAGE, COVERAGE_SLACK = 0.80, 0.03
BIAS_LIMIT = 0.15
NAIVE_CODE = Model.NAIVE_LAST.value

MODELS: Mapping[str, Promise] = {
    Model.BLEND.value: gettext_lazy("采用的混合"),
    Model.BGNBD.value: gettext_lazy("BG/NBD（会流失）"),
    Model.MBGNBD.value: gettext_lazy("MBG/NBD（首购后也会流失）"),
    Model.RECENT.value: gettext_lazy("近期频率（随时间淡忘）"),
    Model.REGRESSION.value: gettext_lazy("回归（近期频率、沉默、节奏）"),
    Model.NAIVE_LAST.value: gettext_lazy("照搬上一期"),
    Model.NAIVE_OWN.value: gettext_lazy("各人自己的平均"),
    Model.NAIVE_MEAN.value: gettext_lazy("每人同一均值"),
}
REFUSALS: Mapping[str, Promise] = {
    Refusal.NOBODY.value: gettext_lazy("截至这一天没有人购买。"),
    Refusal.SHORT.value: gettext_lazy("历史太短：回测至少要三段 14 天。"),
    Refusal.FAR.value: gettext_lazy("预测期比历史长一成以上。"),
    Refusal.QUIET.value: gettext_lazy("回测期内复购太少，比不出好坏。"),
    Refusal.UNFIT.value: gettext_lazy("没有一个模型拟合得出来。"),
    Refusal.NAIVE.value: gettext_lazy("简单的办法误差更小，所以没有发布。"),
}
REASONS: Mapping[str, Promise] = {
    "nobody bought twice": gettext_lazy("没有人买过第二次"),
    "nobody bought again": gettext_lazy("没有人再次购买"),
    "a parameter runs to its edge: the data do not tell it": gettext_lazy("参数跑到边界，数据定不下来"),
}  # of `Fitted.reason`; another one is shown as the core says it
REMARKS: Mapping[str, Promise] = {
    Model.NAIVE_LAST.value: gettext_lazy("上一段同样长的日子"),
    Model.NAIVE_OWN.value: gettext_lazy("过去每天的平均"),
    Model.NAIVE_MEAN.value: gettext_lazy("不分人"),
}
CHANCE_NAMES: Mapping[str, Promise] = {"30": gettext_lazy("30 天内购买"), "90": gettext_lazy("90 天内不买（流失风险）")}


@dataclass(frozen=True, slots=True)
class Line:
    """
    One model of the table. purchases and spend: the stored scores, None where the model has no answer; seconds: that it took in
    the backtest, None for what is only divided and for runs before it was noted.
    """

    name: Promise
    is_used: bool
    is_naive: bool
    purchases: Mapping[str, Any] | None
    spend: Mapping[str, Any] | None
    coverage: float | None
    reason: str
    seconds: float | None
    remark: object

    @property
    def why(self) -> object:
        return REASONS.get(self.reason, self.reason)

    @property
    def mae_fen(self) -> int | None:
        return None if self.spend is None else round(self.spend["mae"])

    @property
    def bias_text(self) -> str:
        return formats.signed_percent_text((self.spend or {}).get("bias"))

    @property
    def purchase_bias_text(self) -> str:
        return formats.signed_percent_text((self.purchases or {}).get("bias"))


@dataclass(frozen=True, slots=True)
class ChanceLine:
    """One kind of chance with its test; values None when it was not tested."""

    name: Promise
    test: Mapping[str, Any]
    refusal: Promise | None


@require_GET
def backtest(request: HttpRequest) -> HttpResponse:
    """
    Show the newest forecast run of a horizon, ?days= (another number: that of persons).

    Its totals are the chain's: only roles that see all stores may open the page.
    """
    horizons = queries.forecast_horizons()
    asked = request.GET.get("days", "")
    days = next((one for one in horizons if str(one) == asked), HORIZON_DAYS)
    runs = list(queries.forecast_runs(days))
    run = runs[0] if runs else None
    context: dict[str, Any] = {
        "run": run, "runs": runs, "refusals": REFUSALS, "days": days, "horizons": horizons, "is_of_persons": days == HORIZON_DAYS,
    }  # fmt: skip
    if run is not None:
        context |= {
            "as_of": run.as_of,
            "refusal": REFUSALS.get(run.refusal),
            "published": queries.published_forecast(),
            "chances": [
                ChanceLine(name, run.chances[days], REFUSALS.get(run.chances[days]["refusal"]))
                for days, name in CHANCE_NAMES.items()
                if days in run.chances
            ],
        }
    if run is not None and run.backtest:
        context |= _shown(run, run.backtest)
    return render(request, "value/backtest.html", context | trial_context())


def _shown(run: ForecastRun, found: Mapping[str, Any]) -> dict[str, Any]:
    cutoff = date.fromisoformat(found["cutoff"])
    used = {Model.BLEND.value, *(run.blend if len(run.blend) == 1 else ())}
    seconds: dict[str, float] = dict(run.seconds.get("models", {}))
    if set(run.blend) <= set(seconds):
        seconds.setdefault(Model.BLEND.value, sum(seconds[code] for code in run.blend))
    lines = {
        row["model"]: Line(
            MODELS[row["model"]], row["model"] in used, row["model"].startswith("naive"), row["purchases"], row["spend"],
            row["coverage"], row["reason"], seconds.get(row["model"]), _remark(run, row["model"]),
        )
        for row in found["rows"]
    }  # fmt: skip
    best, naive = lines[Model.BLEND.value], lines[NAIVE_CODE]
    score, naive_score = best.spend or best.purchases or {}, naive.spend or naive.purchases or {}
    bias, coverage = score.get("bias"), best.coverage
    return {
        "cutoff": cutoff,
        "tested_from": cutoff + timedelta(1),
        "tested_to": cutoff + timedelta(found["tested_days"]),
        "found": found,
        "lines": list(lines.values()),
        "blend": [MODELS[code] for code in run.blend],
        "best": best,
        "score": score,
        "bias_text": formats.signed_percent_text(bias),
        "bias_is_good": bias is not None and abs(bias) <= BIAS_LIMIT,
        "bias_limit": BIAS_LIMIT,
        "forecast_fen": None if bias is None or best.spend is None else round(found["spend_fen"] * (1 + bias)),
        "naive_rank": naive_score.get("rank"),
        "naive_top": naive_score.get("top"),
        "rank_is_good": _beats(score.get("rank"), naive_score.get("rank")),
        "top_is_good": _beats(score.get("top"), naive_score.get("top")),
        "top_most": found.get("top_most"),  # runs of an earlier release have none
        "coverage_is_good": coverage is not None and abs(coverage - COVERAGE) <= COVERAGE_SLACK,
        "deciles": _deciles(found, is_money=best.spend is not None),
        "errors": [_error(group) for group in found["deciles"]],
        "calibration": _calibration(found),
    }


def _remark(run: ForecastRun, code: str) -> object:
    """Say what a row of the table is there for."""
    if code in REMARKS:
        return REMARKS[code]
    if code == Model.BLEND.value:
        return _("没有发布") if run.refusal else _("已发布") if run.horizon_days == HORIZON_DAYS else _("只作回测")
    return _("混合的一部分") if code in run.blend else _("候选，没进混合")


def _beats(own: float | None, naive: float | None) -> bool:
    """Say whether a forecast orders customers better than last time's figures do; one that has no answer does not."""
    return own is not None and (naive is None or own > naive)


def _deciles(found: Mapping[str, Any], *, is_money: bool) -> Chart:
    labels = [_("第 %(number)s 组") % {"number": at} for at in range(1, len(found["deciles"]) + 1)]
    note = _("人均，%(days)s 天，预测最高的在左") % {"days": found["tested_days"]}
    series = [
        Series(_("预测"), [group["forecast"] for group in found["deciles"]]),
        Series(_("实际"), [group["actual"] for group in found["deciles"]], look="compare"),
    ]
    return charts.pairs(
        Frame("deciles", _("按预测值分十组，预测与实际"), note, Unit.MONEY if is_money else Unit.NUMBER), labels, series
    )


def _calibration(found: Mapping[str, Any]) -> Chart:
    points = [Point2(group["forecast"], group["actual"]) for group in found["calibration"]]
    note = _("%(days)s 天购买次数，横轴预测，纵轴实际") % {"days": found["tested_days"]}
    return charts.agreement(
        Frame("calibration", _("预测次数的校准"), note, Unit.NUMBER), points, x_name=_("预测"), y_name=_("实际")
    )


def _error(group: Mapping[str, Any]) -> str:
    return formats.signed_percent_text(group["forecast"] / group["actual"] - 1 if group["actual"] else None, decimals=0)

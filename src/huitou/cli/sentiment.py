"""`huitou sentiment`: train what reads customers' texts, take it out of force, show it."""

import argparse
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _, mark

CONTENT = frozenset({"1", "1.0", "true", "positive", "好", "好评", "满意"})
DISPLEASED = frozenset({"0", "0.0", "-1", "false", "negative", "差", "差评", "不满意"})
REFUSALS = {
    "few": mark("不同的文字不足 200 条，教不会。"),
    "label": mark("满意或不满意的文字不足 50 条，教不会。"),
    "naive": mark("没有比一律猜多数好 5 个百分点以上，没有保留。"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="train|off|show")
    train = actions.add_parser("train", help=_("训练并启用；下一次价值计算重读全部文字"))
    train.add_argument("file", nargs="?", type=Path, help=_("CSV 或 Parquet，一列文字、一列标注（1 满意，0 不满意）"))
    train.add_argument(
        "--from-ratings", action="store_true", help=_("不用文件：用自己的评价训练，4、5 星为满意，1、2 星为不满意")
    )
    train.add_argument("--text", default="text", help=_("文字列的名称"))
    train.add_argument("--label", default="label", help=_("标注列的名称"))
    actions.add_parser("off", help=_("停用模型，改用内置词表"))
    actions.add_parser("show", help=_("显示生效的模型"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.value import services

    if arguments.action == "train":
        return _train(arguments, out)
    if arguments.action == "off":
        was_on = services.sentiment_retire(now=utc_now())
        out.say(_("已停用，改用内置词表。") if was_on else _("没有生效的模型，一直用内置词表。"))
        out.result({"retired": was_on})
        return ExitCode.OK
    return _show(out)


def _train(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.value import services
    from huitou.core.value.text.model import TrainingRefused

    if (arguments.file is None) != arguments.from_ratings:
        out.fail(_("给一个文件，或用 --from-ratings，二者取一"))
        return ExitCode.USAGE
    try:
        if arguments.from_ratings:
            model = services.sentiment_train_on_ratings(now=utc_now())
        else:
            texts, positive = labelled(arguments.file, arguments.text, arguments.label)
            model = services.sentiment_train(texts=texts, positive=positive, now=utc_now())
    except TrainingRefused as refused:
        out.fail(_(REFUSALS[refused.reason]))
        return ExitCode.MEND
    except (OSError, ValueError) as error:
        out.fail(str(error))
        return ExitCode.USAGE
    return _say(model.texts, model.accuracy, model.baseline, out)


def labelled(path: Path, text: str, label: str) -> tuple[list[str], list[bool]]:
    """Read texts and labels (True: content). Raises ValueError that names the column or the line, OSError."""
    import pyarrow as pa

    try:
        if path.suffix.lower() == ".parquet":
            import pyarrow.parquet

            table = pyarrow.parquet.read_table(path)
        else:
            import pyarrow.csv

            table = pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    except pa.ArrowInvalid as error:
        raise ValueError(_("读不懂这个文件：{error}").format(error=error)) from None
    for name in (text, label):
        if name not in table.column_names:
            raise ValueError(_("文件没有「{name}」列；有：{names}").format(name=name, names="、".join(table.column_names)))
    texts, positive = [], []
    for line, (said, told) in enumerate(zip(table[text].to_pylist(), table[label].to_pylist(), strict=True), start=2):
        code = str(told).strip().lower()
        if code not in CONTENT | DISPLEASED:
            raise ValueError(_("第 {line} 行的标注是「{label}」，要 1（满意）或 0（不满意）").format(line=line, label=told))
        texts.append("" if said is None else str(said))
        positive.append(code in CONTENT)
    return texts, positive


def _show(out: Output) -> int:
    from huitou.apps.value.queries import sentiment_in_force

    model = sentiment_in_force()
    if model is None:
        out.say(_("没有训练过的模型，用内置词表读文字。"))
        out.result({"model": None})
        return ExitCode.OK
    return _say(model.texts, model.accuracy, model.baseline, out)


def _say(texts: int, accuracy: float, baseline: float, out: Output) -> int:
    told = {"texts": texts, "accuracy": f"{accuracy:.1%}", "baseline": f"{baseline:.1%}"}
    out.say(_("生效的模型学自 {texts} 条文字，没见过的文字判对 {accuracy}，一律猜多数判对 {baseline}").format(**told))
    out.result({"model": {"texts": texts, "accuracy": accuracy, "baseline": baseline}})
    return ExitCode.OK

"""Which commands there are; a module offers configure(parser) and run(arguments, out) -> exit code."""

from dataclasses import dataclass
from enum import IntEnum

from huitou.cli.words import mark


class ExitCode(IntEnum):
    """What the shell is told."""

    OK = 0
    FAILED = 1
    USAGE = 2
    MEND = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One command, its module and its line in the help."""

    name: str
    module: str
    title: str


COMMANDS = (
    Command("demo", "huitou.cli.demo", mark("用真实购物篮搭起演示连锁并启动网站")),
    Command("init", "huitou.cli.init", mark("新建安装：数据目录、密钥文件、数据库")),
    Command("sources", "huitou.cli.sources", mark("来源系统：列出、测试、拉取、连接、启动模拟系统")),
    Command("import", "huitou.cli.imports", mark("导入文件：会员、订单、积分、商品、门店、工单、跟进表")),
    Command("keys", "huitou.cli.keys", mark("开放接口的密钥：建立、列出、吊销")),
    Command("build", "huitou.cli.build", mark("处理新数据并发布；--base 从原始层重建")),
    Command("resolve", "huitou.cli.resolve", mark("重新匹配全部源记录")),
    Command("serve", "huitou.cli.serve", mark("启动网站和后台任务")),
    Command("worker", "huitou.cli.worker", mark("只启动后台任务")),
    Command("tick", "huitou.cli.tick", mark("按给定时间把到期的任务执行一次")),
    Command("generate", "huitou.cli.generate", mark("生成任意规模的合成连锁，用于压力测试")),
    Command("keyring", "huitou.cli.keyring", mark("加密密钥：列出、更换")),
    Command("datamap", "huitou.cli.datamap", mark("每一列存的是什么：分级、用途、保存期限")),
    Command("backup", "huitou.cli.backup", mark("备份业务数据库和原始层，写成一个可核对的文件")),
    Command("restore", "huitou.cli.restore", mark("把备份恢复到空的安装，并重新删除备份之后删除的人")),
    Command("doctor", "huitou.cli.doctor", mark("检查安装哪里有问题、怎样修复")),
    Command("sentiment", "huitou.cli.sentiment", mark("文字的情感：用带标注的文字或自己的评分训练模型、停用、查看")),
    Command("bench", "huitou.cli.bench", mark("性能测量（在源码目录中运行）")),
)

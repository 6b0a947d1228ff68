"""The words of stored codes: one home each, and what templates ask for is there."""

import re
from pathlib import Path

from huitou import web
from huitou.web.templatetags.huitou import WORD_MODULES, WORD_TABLES


def test_a_table_has_one_home():
    homes = [name for module in WORD_MODULES for name, table in vars(module).items() if name.isupper()]
    shared = {"BEHAVIOURS"}  # the touchpoints of an import name them, too
    assert {name for name in homes if homes.count(name) > 1} == shared


def test_templates_ask_for_tables_that_are_there():
    asked = {
        name
        for page in (Path(web.__file__).parent / "templates").rglob("*.html")
        for name in re.findall(r'word_of:"([A-Z_]+)"', page.read_text())
    }
    assert len(asked) > 20
    assert asked <= WORD_TABLES.keys()

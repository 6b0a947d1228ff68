"""
Collect every shown text into the English catalogue (GNU gettext is needed only here): python tools/messages.py

Chinese texts are the message ids. New ones come in untranslated, changed ones fuzzy; `make check` names both.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Rewrite huitou/web/locale/en/LC_MESSAGES/django.po from the sources."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
    _doubles_drop(ROOT / "src/huitou/web/locale/en/LC_MESSAGES/django.po")
    import django
    from django.core.management.commands import makemessages

    django.setup()
    (ROOT / "src/huitou/web/locale").mkdir(exist_ok=True)
    os.chdir(ROOT / "src" / "huitou")

    command = makemessages.Command()
    command.xgettext_options = [*command.xgettext_options, "--keyword=mark"]
    command.msgmerge_options = [*command.msgmerge_options, "--no-fuzzy-matching"]
    command.run_from_argv(["manage.py", "makemessages", "-l", "en", "--no-location", "--no-obsolete", "--no-wrap"])
    _forget_the_moment(ROOT / "src/huitou/web/locale/en/LC_MESSAGES/django.po")


def _forget_the_moment(catalogue: Path) -> None:
    """Take out the header lines that differ at every run: two branches would always meet in them."""
    lines = catalogue.read_text().splitlines(keepends=True)
    catalogue.write_text("".join(line for line in lines if not line.startswith(('"POT-Creation-Date', '"Report-Msgid-Bugs-To'))))


def _doubles_drop(catalogue: Path) -> None:
    """Keep one entry per text and context, a translated one first: branches may bring the same, which msgmerge refuses."""
    import polib

    entries = polib.pofile(str(catalogue), wrapwidth=0)
    kept: dict[tuple[str | None, str], polib.POEntry] = {}
    for entry in entries:
        one = (entry.msgctxt, entry.msgid)
        if one not in kept or (entry.translated() and not kept[one].translated()):
            kept[one] = entry
    if len(kept) < len(entries):
        entries[:] = kept.values()
        entries.save()


if __name__ == "__main__":
    main()

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
    import django
    from django.core.management.commands import makemessages

    django.setup()
    (ROOT / "src/huitou/web/locale").mkdir(exist_ok=True)
    os.chdir(ROOT / "src" / "huitou")

    command = makemessages.Command()
    command.xgettext_options = [*command.xgettext_options, "--keyword=mark"]
    command.msgmerge_options = [*command.msgmerge_options, "--no-fuzzy-matching"]
    command.run_from_argv(["manage.py", "makemessages", "-l", "en", "--no-location", "--no-obsolete", "--no-wrap"])


if __name__ == "__main__":
    main()

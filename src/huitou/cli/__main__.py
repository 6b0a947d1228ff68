"""`python -m huitou.cli` is `huitou`."""

from huitou.cli import main

raise SystemExit(main())

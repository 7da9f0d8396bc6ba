"""``python -m actors`` is ``gridactors``."""

from actors.cli import main

main()

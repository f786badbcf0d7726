"""`python -m bot` is `threadwork`."""

from bot.cli import main

main()

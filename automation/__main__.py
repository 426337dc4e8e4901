"""`python -m automation`: what the launcher `./regions` runs."""

from embedded.start_up import collect_rarely

collect_rarely()

from automation.cli import main

main()

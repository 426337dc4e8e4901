"""`python -m automation`: what the launcher `./regions` runs."""

from automation.cli import main

main()

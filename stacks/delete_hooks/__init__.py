"""What a delete has to wait for: things on AWS that are in nobody's state, one file for each kind."""

HOOKS_ONLY_VARIABLE = "GAME_REGIONS_HOOKS_ONLY"
"""In a run with it the program registers the waits and nothing else: all that a destroy needs of it."""

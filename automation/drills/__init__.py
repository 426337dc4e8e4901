"""Drills: a stack of this project brought up and down on the embedded cloud while things go wrong, in copies of it."""

"""Measurements of the project: time, memory and ratios; results as JSON under bench/results/."""

"""Tests of the whole project; folders mirror the tree."""

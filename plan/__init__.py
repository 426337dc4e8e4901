"""The program looked at without an engine and without a cloud: recorded, checked, written out."""

"""Drills with the data systems' real servers, on this machine's loopback addresses."""

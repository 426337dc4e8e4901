"""A region's network: what a cluster stands in, made here or found as a landing zone made it."""

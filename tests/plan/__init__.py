"""Tests of the plan: recorder, findings over the graph, document, rendered files."""

"""Questionnaires that are scored: asked for, filled in, drawn over time."""

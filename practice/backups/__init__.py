"""Backups in two streams, and the way back: see docs/runbook.md and decision 8."""

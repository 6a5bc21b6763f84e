"""The access log as managers and auditors read it: who did what and when, never what anything says."""

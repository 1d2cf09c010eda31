"""Tests of ``tracker.imports.tables``."""

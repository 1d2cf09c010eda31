"""Tests of rubrics read from tables."""

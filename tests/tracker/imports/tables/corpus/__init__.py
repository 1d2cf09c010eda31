"""Odd and hostile workbooks, each with its expected outcome."""

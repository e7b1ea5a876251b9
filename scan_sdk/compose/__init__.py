"""Scans from tables, grids and alignments, and settings for devices."""

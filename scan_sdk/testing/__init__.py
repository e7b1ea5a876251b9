"""Helps to test code that makes, sends or reads scans.

`scan_sdk.testing.strategies` makes commands and replies of every kind for Hypothesis.
"""

"""Helps to test code that makes, sends or reads scans.

`scan_sdk.testing.plugin` has fixtures, `scan_server` and `scan_client`, which pytest finds by itself.
`scan_sdk.testing.strategies` makes commands and replies of every kind for Hypothesis.
"""

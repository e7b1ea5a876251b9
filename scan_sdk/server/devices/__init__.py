"""The devices of a scan server: process variables by scheme, and the names by which scans call them."""

"""The engine: how scans are queued, performed and controlled."""

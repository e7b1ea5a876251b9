"""What tests do to a server: devices that are set or disconnected, and faults on purpose."""

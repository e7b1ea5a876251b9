"""`python -m scan_sdk.cli`: the command line where `scan-sdk` is not on the path."""

from scan_sdk.cli import main

main()

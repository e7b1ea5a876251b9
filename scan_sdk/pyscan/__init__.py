"""PyScanClient's names and behaviour, for scripts that say `from scan import *`."""

"""The rules by kind of command, functions of the command and the visit, and the codes of what they find.

A new file of rules is named here, so that its rules and codes are registered.
"""

from scan_sdk.lint.rules import blocks, conditions, loops, values, writes

__all__ = ["blocks", "conditions", "loops", "values", "writes"]

"""Writes scan_sdk/models/_generated.py from the schemas beside this file.

    python schemas/generate.py [TARGET]

The generator, a plugin of xsdata, is `scan_sdk.generate`, with which sites make models of their own commands.
Why xsdata's own output is not used stands in docs/explanations/decisions/0001-xsd-is-the-source.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scan_sdk.generate import package_source

SCHEMAS = Path(__file__).parent
TARGET = SCHEMAS.parent / "scan_sdk" / "models" / "_generated.py"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(package_source(sorted(SCHEMAS.glob("*.xsd"))), encoding="utf-8")

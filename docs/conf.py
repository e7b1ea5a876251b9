"""How Sphinx builds the documentation."""

import sys
from pathlib import Path

import scan_sdk

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "scan_sdk"
author = "The scan_sdk authors"
copyright = "The scan_sdk authors"
version = release = scan_sdk.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_source"]
exclude_patterns = ["_build", "_ext"]
html_theme = "furo"
html_title = f"scan_sdk {version}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["output.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# In docstrings a single backtick is code, as in Markdown.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False
autodoc_default_options = {"members": True}
aliases = ("Checkable", "Column", "Commands", "CommandsLike", "Severity")
autodoc_type_aliases = {name: name for name in aliases}
add_module_names = False
python_use_unqualified_type_names = True
python_display_short_literal_types = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False
toc_object_entries_show_parents = "hide"

# Several classes may have an attribute of one name, such as `datetime`.
suppress_warnings = ["ref.python"]

# What is named and documented elsewhere.
nitpick_ignore_regex = [
    ("py:.*", r"(asyncio|collections\.abc|hypothesis|st|np|numpy|pa|pd|pl|pydantic|ssl|types|xr)\..+"),
    (
        "py:class",
        r"((datetime|dt)\.)?(date|time)(time|delta|zone)?|tzinfo|(pathlib\.)?Path(Like)?|NDArray|ArrayLike|Axes|RawLog|AbstractContextManager",
    ),
    (
        "py:class",
        r"Access|Request|Mishap|Factory|Around|Provider|SimulatedDevice",
    ),  # their choices stand in the text
    ("py:class", r"scan_sdk\.testing\.strategies\.C"),  # any class of commands
    ("py:class", r"(scan_sdk\.extend\.)?[MT]"),  # likewise
]

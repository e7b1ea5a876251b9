"""What `import scan_sdk` gives, and what it costs."""

import subprocess
import sys

import pytest

import scan_sdk

HEAVY = [
    "httpx",
    "httpcore",
    "numpy",
    "pydantic",
    "starlette",
    "uvicorn",
    "xsdata",
    "lxml",
    "typer",
    "rich",
    "matplotlib",
]


def run(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    assert run(f"import sys, scan_sdk; print(*{set(HEAVY)!r} & set(sys.modules))") == ""


def test_commands_need_no_http():
    program = "import sys; from scan_sdk import CommandSequence, Set; CommandSequence(Set('x', 1)).to_xml()"
    assert run(f"{program}; print(*{{'httpx', 'numpy', 'starlette'}} & set(sys.modules))") == ""


def test_importing_a_command_builds_no_validator():
    program = "from scan_sdk import Set; print(type(Set.__pydantic_validator__).__name__)"
    assert run(program) == "MockValSer"
    assert run(f"{program}; Set('x', 1); print(type(Set.__pydantic_validator__).__name__)").endswith(
        "SchemaValidator"
    )


def test_threads_may_build_the_first_commands_at_once():
    program = """
import threading
from scan_sdk import Delay, Loop, Parallel, Set
start = threading.Barrier(8)
built = []

def build():
    start.wait()
    built.append(Parallel(Loop("x", 1, 2, 1, [Set("x", 1, readback=True), Delay(1)])))

threads = [threading.Thread(target=build) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(built), len(set(map(repr, built))))
"""
    assert run(program) == "8 1"


def test_data_needs_no_other_library_than_numpy():
    program = "import sys, scan_sdk as s; print(s.ScanData([s.DeviceLog('x', [0], [0], [1])]))"
    libraries = {"pandas", "polars", "pyarrow", "h5py", "xarray", "httpx"}
    assert run(f"{program}; assert not {libraries!r} & set(sys.modules)") == "x\n           1"


@pytest.mark.parametrize("name", scan_sdk.__all__)
def test_every_public_name_can_be_imported_and_is_documented(name):
    value = getattr(scan_sdk, name)
    assert name in {"__version__", "Command", "Source"} or value.__doc__


def test_the_public_names_are_sorted_without_repetition():
    assert list(scan_sdk.__all__) == sorted(set(scan_sdk.__all__))
    assert dir(scan_sdk) == sorted(scan_sdk.__all__)


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="'scan_sdk' has no attribute 'ScanCleint'"):
        scan_sdk.ScanCleint  # noqa: B018

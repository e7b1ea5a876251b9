"""The fixtures for tests of people's own code, in runs of pytest of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

# Before the runs, each of which forgets what it was the first to import
import scan_sdk.client
import scan_sdk.data
import scan_sdk.server
from scan_sdk.testing import plugin

assert scan_sdk.client
assert scan_sdk.data
assert scan_sdk.server


@pytest.fixture
def run(pytester: pytest.Pytester):
    """Run tests in a folder of their own and return how that went."""

    def run(tests: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(tests)
        # Not by the entry point, which an environment may or may not have; and the plugin is imported already
        plugins = ["-p", "no:scan_sdk", "-p", plugin.__name__, "-p", "no:cacheprovider", "-p", "no:asyncio"]
        warnings = ["-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        return pytester.runpytest_inprocess(*plugins, *warnings, *arguments)

    return run


TWO_TESTS = """
    from scan_sdk import Delay, Log, PvConfig, ScanClient, ScanConfig, Set
    from scan_sdk.server import EmbeddedServer

    servers = []

    def run(scan_client, scan_server):
        servers.append(scan_server)
        assert isinstance(scan_server, EmbeddedServer)
        assert scan_client.scan_infos() == ()
        assert scan_server.device("motor_x").read() == 0
        scan_server.device("motor_x").set(5)
        scan_server.device("setpoint").disconnect()
        scan_server.fail_next("simulate", 500)
        scan_client.submit(Delay(1e300))
        scan_client.submit(Set("motor_x", 10))

    def test_one(scan_client, scan_server):
        run(scan_client, scan_server)

    def test_two(scan_client, scan_server):
        run(scan_client, scan_server)
"""


def test_each_test_has_a_server_of_its_own(run):
    result = run(
        TWO_TESTS
        + """
    def test_three(scan_server):
        assert len({scan_server, *servers}) == 3
        assert not any(server.is_running for server in servers)
    """
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("where", ["file", "command line"])
def test_tests_may_share_a_server_which_each_finds_empty(run, pytester, where):
    if where == "file":
        pytester.makeini("[pytest]\nscan_server_scope = session")
    result = run(
        TWO_TESTS
        + """
    def test_three(scan_server):
        assert {scan_server} == set(servers)
        assert scan_server.is_running

    def test_four(scan_client, scan_server):
        scan_server.stop()

    def test_five(scan_client, scan_server):
        scan_client.shutdown_server()

    def test_six(scan_client, scan_server):
        assert scan_client.scan_infos() == ()
        assert {scan_server} == set(servers)
    """,
        *(["--scan-server-scope=session"] if where == "command line" else []),
    )
    result.assert_outcomes(passed=6)


@pytest.mark.parametrize(("scope", "fixture"), [("function", ""), ("session", "(scope='session')")])
def test_the_configuration_and_the_clock_may_be_given(run, scope, fixture):
    result = run(
        f"""
    import pytest
    from scan_sdk import Log, PvConfig, ScanConfig
    from scan_sdk.server.clock import VirtualClock

    @pytest.fixture{fixture}
    def scan_server_config():
        return ScanConfig(pvs=[PvConfig(name="loc://a(7)", alias="mine")])

    @pytest.fixture{fixture}
    def scan_server_clock():
        return VirtualClock(1000)

    def test(scan_client, scan_server):
        scan_id = scan_client.submit(Log("mine"))
        scan_client.wait_until_done(scan_id, timeout=30)
        assert scan_client.get_data(scan_id)["mine"].value == [7]
        assert scan_server.virtual_clock.time() == 1000
    """,
        f"--scan-server-scope={scope}",
    )
    result.assert_outcomes(passed=1)


def test_the_configuration_may_be_a_file(run, pytester):
    pv = "<pv><name>loc://b(8)</name><alias>b</alias></pv>"
    pytester.makefile(".xml", scan_config=f"<scan_config>{pv}</scan_config>")
    result = run("""
    import pytest

    @pytest.fixture
    def scan_server_config(pytestconfig):
        return pytestconfig.rootpath / "scan_config.xml"

    def test(scan_server):
        assert scan_server.device("b").read() == 8
    """)
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "clock"), [((), "virtual"), (("--scan-server-clock=system",), "system")]
)
def test_delays_take_no_time_unless_it_is_wanted(run, arguments, clock):
    result = run(
        f"""
    def test(scan_server_clock):
        assert scan_server_clock == "{clock}"
    """,
        *arguments,
    )
    result.assert_outcomes(passed=1)


def test_a_setting_that_makes_no_sense_is_named(run, pytester):
    pytester.makeini("[pytest]\nscan_server_scope = sesion\nscan_server_clock = fast")
    result = run("def test(scan_server): pass")
    assert result.ret != 0
    (result.stdout if "sesion" in result.stdout.str() else result.stderr).fnmatch_lines(
        ["*scan_server_scope is 'sesion': make it one of function, session*"]
    )


def test_the_report_of_a_failed_test_tells_of_the_scans(run):
    result = run("""
    from scan_sdk import Delay, Log, Wait

    def test_that_fails(scan_client, scan_server):
        with scan_server.virtual_clock.held():
            scan_id = scan_client.submit([Wait("motor_x", 60, timeout=1)], "first")
            scan_client.submit([Log("motor_x"), Delay(1e300)], "second")
            scan_server.virtual_clock.advance(1)
        assert scan_client.scan_info(scan_id).error is None

    def test_that_has_no_scans(scan_server):
        assert False

    def test_that_stops_the_server(scan_server):
        scan_server.stop()
        assert False

    def test_that_has_no_server():
        assert False

    def test_that_passes(scan_server):
        pass
    """)
    result.assert_outcomes(passed=1, failed=4)
    result.stdout.fnmatch_lines(
        [
            "*Scan server*",
            "Scan 1 'first': Failed (Timeout while waiting for motor_x *), after 0:00:01",
            "Scan 2 'second': Running, 50 % done, after 0:00:00",
            "    1: Delay 1.0E300 sec. *",
            "*Scan server*",
            "no scans",
            "*Scan server*",
            "not running any more",
        ],
        consecutive=False,
    )
    assert result.stdout.str().count("- Scan server -") == 3


def test_a_missing_extra_is_named(run, monkeypatch):
    monkeypatch.setattr(plugin, "find_spec", lambda name: None)
    result = run("def test(scan_server): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the fixture scan_server*scan_sdk[[]server[]]*"])


def test_the_fixtures_are_explained(run):
    result = run("def test(): pass", "--fixtures")
    result.stdout.fnmatch_lines(["scan_server -- *", "    A running `EmbeddedServer` *"])
    result = run("def test(): pass", "--help")
    result.stdout.fnmatch_lines(["*--scan-server-scope*", "*--scan-server-clock*"])


def test_loading_the_plugin_loads_nothing_heavy():
    program = """
import sys, scan_sdk.testing.plugin
heavy = {"httpx", "hypothesis", "numpy", "pydantic", "starlette", "scan_sdk.server", "scan_sdk.models"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_pytest_finds_the_plugin_by_itself():
    found = entry_points(group="pytest11", name="scan_sdk")
    if not found:
        pytest.skip("the package was installed before it had the plugin")
    assert [entry.load() for entry in found] == [plugin]


def test_the_tests_in_the_documentation_pass(run, pytester, pytestconfig):
    page = pytestconfig.rootpath / "docs" / "how-to" / "test-without-hardware.md"
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    pytester.makepyfile(test_page="\n".join(blocks))
    run("").assert_outcomes(passed=len(re.findall(r"^def test_", "".join(blocks), re.MULTILINE)) + 1)

"""A scan that goes wrong names the place where its command was written: by both clients, from any server."""

from __future__ import annotations

import pickle
import threading
from typing import TYPE_CHECKING, Any

import pytest

from scan_sdk.client import ScanClient
from scan_sdk.errors import ScanAborted, ScanFailed, ScanRejected
from scan_sdk.models import (
    CellSource,
    Comment,
    Delay,
    Include,
    Loop,
    Parallel,
    PvConfig,
    ScanConfig,
    Script,
    Set,
    TextSource,
    Wait,
)
from scan_sdk.sequence import CommandSequence
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.engine.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PVS = (*(PvConfig(name=f"loc://{name}(0)", alias=name) for name in ("x", "y")),)
WAIT = Wait("x", 60, timeout=0.1)
TIMEOUT = "Timeout while waiting for x [loc://x(0)] (0.0) = 60.0"


def cell(row: int, column: str) -> CellSource:
    return CellSource(row, column)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("scripts")
    (folder / "inner.scn").write_text(CommandSequence(Comment("a"), Set("x", "abc")).to_xml())
    (folder / "outer.scn").write_text(CommandSequence(Include("no.scn")).to_xml())
    with EmbeddedServer(ScanConfig(paths=(str(folder),), pvs=PVS)) as server:
        yield server.url


@pytest.fixture
def client(url: str, make_client: Any) -> Iterator[Any]:
    client = make_client(url=url)
    yield client
    client.abort_all()
    client.clear()


@pytest.fixture(params=["told by a header", "plain"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have servers say which command failed, or not, as those of CS-Studio."""
    if request.param == "plain":
        monkeypatch.setattr(Scan, "error_address", None)
    return request.param


def outcome(client: Any, commands: object) -> ScanFailed:
    with pytest.raises(ScanFailed) as caught:
        client.wait_until_done(client.submit(commands, "night"), timeout=20)
    return caught.value


def aborted(client: Any, commands: object) -> ScanAborted:
    scan_id = client.submit(commands, "night")
    for info in client.watch(scan_id):
        if "Delay" in info.command:
            break
    client.abort(scan_id)
    with pytest.raises(ScanAborted) as caught:
        client.wait_until_done(scan_id, timeout=20)
    return caught.value


# -- tables and files ---------------------------------------------------------------------------------------


def test_the_cell_of_a_table_is_named(client, kind):
    table = [
        Set("y", 1).at(cell(6, "y")),
        Parallel(Set("y", 2).at(cell(7, "+p y"))),
        WAIT.at(cell(7, "Wait For")),
        Set("y", 3).at(cell(8, "y")),
    ]
    error = outcome(client, table)
    assert str(error) == f"scan {error.info.id} 'night' Failed: row 7, column \"Wait For\": {TIMEOUT}"
    assert (type(error), error.address, error.command, error.source) == (
        ScanFailed,
        3,
        WAIT,
        CellSource(7, "Wait For"),
    )
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), vars(again)) == (str(error), vars(error))
    assert again.command.source == error.source


def test_the_line_of_a_file_is_named(client, kind, tmp_path):
    path = tmp_path / "night.scn"
    path.write_text("<commands>\n<comment/>\n  <set><device>x</device><value>abc</value></set>\n</commands>")
    for given in (path, str(path)):
        error = outcome(client, given)
        assert error.source == TextSource(str(path), 3, 3)
        assert f"Failed: {path}:3:3: Failed to write abc to loc://x(0)" in str(error)
    assert "Failed: commands:3:3: Failed to write abc" in str(outcome(client, path.read_text()))


def test_a_command_in_a_block_is_named_or_what_it_is_in(client, kind):
    inner = Loop("y", 1, 2, 1, Set("x", "abc"), Delay(0)).at(cell(4, "y"))
    error = outcome(client, [Delay(0).at(cell(3, "t")), inner])
    assert (error.address, error.command, error.source) == (2, Set("x", "abc"), CellSource(4, "y"))
    error = outcome(client, Parallel(Delay(5), Set("x", "abc").at(cell(9, "x"))).at(cell(9, "")))
    assert (error.address, error.source) == (2, CellSource(9, "x"))
    assert str(error).endswith("to loc://x(0) (Parallel)")


def test_commands_without_a_place_are_named_by_their_address(client, kind):
    error = outcome(client, [Delay(0), Set("x", "abc")])
    assert (error.address, error.command, error.source) == (1, Set("x", "abc"), None)
    assert str(error) == f"scan {error.info.id} 'night' Failed: Failed to write abc to loc://x(0)"


def test_a_changed_command_keeps_its_place(client, kind):
    scan_id = client.submit([Delay(60), Wait("x", 5, timeout=60).at(cell(2, "x"))], "night")
    for info in client.watch(scan_id):
        if info.address == 0:
            break
    client.patch(scan_id, 1, "value", 60)
    client.patch(scan_id, 1, "timeout", 0.1)
    client.next_command(scan_id)
    with pytest.raises(ScanFailed) as caught:
        client.wait_until_done(scan_id, timeout=20)
    assert (caught.value.command, caught.value.source) == (WAIT, CellSource(2, "x"))


def test_who_has_not_submitted_a_scan_sees_the_command_alone(client, kind, url, make_client):
    scan_id = client.submit(Set("x", "abc").at(cell(2, "x")))
    with pytest.raises(ScanFailed) as caught:
        make_client(url=url).wait_until_done(scan_id, timeout=20)
    assert (caught.value.address, caught.value.command, caught.value.source) == (0, Set("x", "abc"), None)


# -- what is not certain ------------------------------------------------------------------------------------


def test_of_several_that_may_have_failed_each_is_named(client, monkeypatch):
    rows = [WAIT.at(cell(row, "Wait For")) for row in (2, 3, 4)]
    commands = [Set("y", 1), Loop("y", 1, 2, 1, rows)]
    error = outcome(client, commands)
    assert (error.address, error.source) == (2, CellSource(2, "Wait For"))
    monkeypatch.setattr(Scan, "error_address", None)
    error = outcome(client, commands)
    assert (error.address, error.command, error.source) == (None, None, None)
    assert 'Failed: one of row 2, column "Wait For"; row 3, column "Wait For"; row 4' in str(error)
    error = outcome(client, [commands, WAIT.at(cell(5, "Wait For"))])
    assert str(error) == f"scan {error.info.id} 'night' Failed: {TIMEOUT}"
    error = outcome(client, [commands, WAIT])
    assert str(error) == f"scan {error.info.id} 'night' Failed: {TIMEOUT}"


def test_a_cell_that_makes_several_commands_is_certain_all_the_same(client, monkeypatch):
    monkeypatch.setattr(Scan, "error_address", None)
    error = outcome(client, Loop("y", 1, 2, 1, WAIT, WAIT).at(cell(2, "y")))
    assert (error.address, error.source) == (None, CellSource(2, "y"))


def test_a_failure_in_an_included_file_is_that_of_the_include(client):
    error = outcome(client, [Delay(0), Include("inner.scn").at(cell(5, "file"))])
    assert (error.address, error.source) == (1, CellSource(5, "file"))


def test_a_failure_outside_of_the_commands_is_that_of_none(make_client, tmp_path):
    command = Set("loc://x(0)", "abc")
    (tmp_path / "bad.scn").write_text(CommandSequence(command).to_xml())
    config = tmp_path / "scan_config.xml"
    config.write_text("<scan_config><pre_scan>bad.scn</pre_scan></scan_config>")
    with EmbeddedServer(config) as server:
        client = make_client(url=server.url)
        error = outcome(client, command.at(cell(2, "x")))
        assert (error.address, error.source) == (None, None)
        assert " Failed: Failed to write abc" in str(error)


def test_an_aborted_scan_names_where_it_was(client):
    error = aborted(client, [Comment("a"), Delay(60).at(cell(2, "Wait For"))])
    assert (error.address, error.command) == (1, Delay(60))
    assert 'Aborted: row 2, column "Wait For": Aborted' in str(error)


def test_where_a_scan_was_aborted_in_a_parallel_is_not_guessed(client):
    commands = Parallel(Delay(60).at(cell(2, "a")), Delay(60).at(cell(2, "b"))).at(cell(2, ""))
    error = aborted(client, commands)
    assert (error.address, error.source) == (0, CellSource(2))


def test_a_plain_server_does_not_say_where_a_scan_was_aborted(client, monkeypatch):
    monkeypatch.setattr(Scan, "error_address", None)
    error = aborted(client, Delay(60).at(cell(2, "t")))
    assert (error.address, error.command, error.source) == (None, None, None)


# -- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [Include("no.scn"), Script("NoScript"), Set("x", 1, error_handler="No")])
def test_a_file_or_script_that_is_not_there_names_who_asks_for_it(client, command):
    for ask in (client.submit, client.simulate):
        with pytest.raises(ScanRejected) as caught:
            ask([Delay(1), command.at(cell(3, "file")), command.at(cell(4, "file"))])
        error = caught.value
        assert (error.address, error.command, error.source) == (1, command, CellSource(3, "file"))
        assert str(error) == f'row 3, column "file": {error.message}'
        assert pickle.loads(pickle.dumps(error)).source == error.source
        with pytest.raises(ScanRejected) as caught:
            ask([Delay(1), command])
        assert (str(caught.value), caught.value.address) == (caught.value.message, 1)


def test_a_file_that_an_included_one_asks_for_is_not_pinned_on_a_command(client):
    with pytest.raises(ScanRejected, match=r"^Include 'no.scn' cannot open 'no.scn'") as caught:
        client.submit(Include("outer.scn").at(cell(3, "file")))
    assert (caught.value.address, caught.value.command, caught.value.source) == (None, None, None)


# -- what is remembered -------------------------------------------------------------------------------------


def test_threads_may_share_a_client(url):
    found: dict[int, object] = {}

    def run(client: ScanClient, row: int) -> None:
        try:
            client.wait_until_done(client.submit(Set("x", "abc").at(cell(row, "x")), queue=False), timeout=20)
        except ScanFailed as error:
            found[row] = error.source

    with ScanClient(url=url) as client:
        threads = [threading.Thread(target=run, args=(client, row)) for row in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {row: CellSource(row, "x") for row in range(1, 9)}


def test_a_new_server_that_gives_the_same_id_to_another_scan_is_noticed(make_client):
    config = ScanConfig(pvs=PVS)
    with EmbeddedServer(config) as server:
        client = make_client(url=server.url)
        port = server.port
        assert client.submit([Delay(0), Set("x", "abc").at(cell(2, "x"))], "night") == 1
    with EmbeddedServer(config, port=port) as server, ScanClient(url=server.url) as other:
        assert other.submit([Set("x", "abc").at(cell(9, "x"))], "night") == 1
        with pytest.raises(ScanFailed) as caught:
            client.wait_until_done(1, timeout=20)
    assert (caught.value.address, caught.value.source) == (0, None)

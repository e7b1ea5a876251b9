"""Which server is meant: options, environment, and the file of named servers."""

import json

import pytest

from scan_sdk.cli import servers
from scan_sdk.cli.common import Complaint
from scan_sdk.cli.connecting import Where, address, connect
from scan_sdk.cli.servers import config_path, read_servers
from scan_sdk.server import EmbeddedServer

FILE = """\
default = "bl7"

[servers.bl7]
url = "http://bl7:4810"
timezone = "America/New_York"

[servers."the lab"]
url = "https://lab/scan"
token_file = "lab.token"
verify = false
"""


@pytest.fixture
def named(config_file):
    config_file.write_text(FILE)
    return config_file


def meant(url=None, server=None, token=None):
    """Return the address and token that come of options and surroundings."""
    with connect(Where(url, server, token)) as client:
        return client._connection.url, client._connection.token


def test_without_anything_it_is_the_usual_server():
    assert meant() == ("http://localhost:4810", None)


def test_the_default_of_the_file_is_used(named):
    assert meant() == ("http://bl7:4810", None)
    assert address(Where()) == "http://bl7:4810"


def test_a_server_is_found_by_its_name_with_all_that_belongs_to_it(named):
    (named.parent / "lab.token").write_text("s3cret\n")
    assert meant(server="the lab") == ("https://lab/scan", "s3cret")
    with connect(Where(server="the lab")) as client:
        assert client._connection.verify is False
    with connect(Where(server="bl7")) as client:
        assert str(client._connection.timezone) == "America/New_York"


def test_the_command_line_counts_before_the_environment_and_that_before_the_file(named, monkeypatch):
    (named.parent / "lab.token").write_text("lab")
    monkeypatch.setenv("SCAN_SDK_SERVER", "the lab")
    assert address(Where()) == "https://lab/scan"
    monkeypatch.setenv("SCAN_SDK_URL", "http://env:1")
    assert address(Where()) == "http://env:1"
    assert address(Where(server="bl7")) == "http://bl7:4810"
    assert address(Where(url="http://given:1")) == "http://given:1"


def test_the_token_of_a_named_server_counts_before_that_of_the_environment(named, monkeypatch):
    (named.parent / "lab.token").write_text("lab")
    monkeypatch.setenv("SCAN_SDK_TOKEN", "env")
    assert meant(server="the lab") == ("https://lab/scan", "lab")
    assert meant(server="bl7") == ("http://bl7:4810", "env")
    assert meant(url="http://a") == ("http://a", "env")
    assert meant(server="the lab", token="given") == ("https://lab/scan", "given")


def test_an_unknown_server_is_answered_with_the_nearest_and_all(scan_sdk, named):
    ran = scan_sdk("list", "--server", "bl8")
    assert ran.code == 3
    assert f"there is no server 'bl8': did you mean bl7? {named} has bl7, the lab" in ran.err


def test_without_a_file_no_server_has_a_name(scan_sdk, config_file):
    ran = scan_sdk("list", "--server", "bl7")
    assert (ran.code, ran.err) == (
        3,
        f"scan-sdk: there is no server 'bl7': {config_file} names no servers\n",
    )


def test_url_and_name_together_make_no_sense(scan_sdk):
    ran = scan_sdk("list", "--server", "bl7", "--url", "http://a")
    assert (ran.code, ran.err) == (2, "scan-sdk: give --url or --server, not both\n")


def test_an_address_that_is_none_is_refused(scan_sdk):
    ran = scan_sdk("list", "--url", "nonsense")
    assert ran.code == 2
    assert "see --url and --token" in ran.err


def test_authorities_that_cannot_be_read_are_said(scan_sdk, config_file):
    config_file.write_text('[servers.a]\nurl = "https://a"\nverify = "/nowhere/ca.pem"\n')
    ran = scan_sdk("list", "--server", "a")
    assert (ran.code, ran.err) == (3, "scan-sdk: cannot read /nowhere/ca.pem: No such file or directory\n")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[servers.a\n", "1:11", "Expected ']' at the end of a table declaration"),
        ('\n[servers.a]\nurl = "http://a"\nurll = "x"\n', 4, "unknown key 'urll': did you mean url?"),
        ('[servers.a]\nurl = "http://a"\nzzz = 1\n', 3, "unknown key 'zzz': there are url, token, "),
        ("[servers.a]\nurl = 7\n", 2, "url takes a text in quotes"),
        (
            '[servers.a]\nurl = "u"\nverify = 7\n',
            3,
            "verify takes true, false, or the path of a file in quotes",
        ),
        ("\n[servers.a]\ntoken = 't'\n", 2, "server 'a' has no url"),
        ("servers.a.url = 'u'\nservers.a.timezone = 'Mars/X'\n", 2, "there is no time zone 'Mars/X'"),
        ("[servers.a]\nurl = 'u'\ntoken = 't'\ntoken_file = 'f'\n", 4, "give token or token_file"),
        ("servers = 3\n", 1, "servers is a table"),
        ("[servers]\na = 3\n", 2, "'a' is no table: begin one with [servers.a]"),
        ("\ndefault = 'b'\n[servers.a]\nurl = 'u'\n", 2, "default is the name of one of the servers: a"),
        ("default = 'b'\n", 1, "default is the name of one of the servers: there are none"),
        ("other = 1\n", 1, "unknown key 'other'"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(scan_sdk, config_file, text, line, reason, monkeypatch):
    config_file.write_text(text)
    monkeypatch.delenv("SCAN_SDK_URL")
    ran = scan_sdk("list")
    assert ran.code == 3
    assert ran.err.startswith(f"scan-sdk: {config_file}:{line}: {reason}")


def test_all_mistakes_are_told_at_once(config_file):
    config_file.write_text("[servers.a]\nurl = 7\nx = 1\n[servers.b]\n")
    with pytest.raises(Complaint) as caught:
        read_servers()
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_that_cannot_be_read_is_said(config_file):
    config_file.write_bytes(b"\xff")
    with pytest.raises(Complaint, match="it is no text in UTF-8"):
        read_servers()
    config_file.unlink()
    config_file.mkdir()
    with pytest.raises(Complaint, match=r"cannot read .*: Is a directory"):
        read_servers()


def test_a_token_file_that_cannot_be_read_is_said(named):
    with pytest.raises(Complaint, match=r"cannot read the token file .*lab\.token: No such file"):
        address(Where(server="the lab"))


@pytest.mark.parametrize(
    ("platform", "variable", "place"),
    [
        ("linux", None, ".config/scan-sdk/config.toml"),
        ("darwin", None, "Library/Application Support/scan-sdk/config.toml"),
        ("win32", None, "AppData/Roaming/scan-sdk/config.toml"),
        ("win32", "roaming", "roaming/scan-sdk/config.toml"),
    ],
)
def test_the_file_is_where_the_system_keeps_such(monkeypatch, tmp_path, platform, variable, place):
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("APPDATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(servers.sys, "platform", platform)
    if variable is not None:
        monkeypatch.setenv("APPDATA", str(tmp_path / variable))
    assert config_path() == tmp_path / place


def test_servers_are_listed_without_their_tokens(scan_sdk, config_file):
    config_file.write_text(FILE.replace('token_file = "lab.token"', 'token = "s3cret"'))
    ran = scan_sdk("servers")
    assert ran.out.splitlines()[1:] == [
        "* bl7\thttp://bl7:4810\tAmerica/New_York",
        "the lab\thttps://lab/scan\t",
    ]
    assert str(config_file) in ran.err
    ran = scan_sdk("servers", "--json")
    assert "s3cret" not in ran.out
    found = json.loads(ran.out)
    assert (found["path"], found["default"]) == (str(config_file), "bl7")
    assert found["servers"]["the lab"] == {"url": "https://lab/scan", "timezone": None, "has_token": True}
    assert scan_sdk("servers", "--path").out == f"{config_file}\n"


def test_data_and_plot_take_a_named_server_too(scan_sdk, config_file, monkeypatch):
    monkeypatch.delenv("SCAN_SDK_URL")
    with EmbeddedServer(token="s3cret") as server:
        config_file.write_text(f'[servers.here]\nurl = "{server.url}"\ntoken = "s3cret"\n')
        for command in (["data", "last"], ["plot", "last", "a", "b", "-o", "a.png"], ["show", "last"]):
            ran = scan_sdk(*command, "--server", "here")
            assert (ran.code, ran.err) == (7, "scan-sdk: the server has no scans\n")
        ran = scan_sdk("list", "--url", server.url)
        assert ran.code == 13
        assert "SCAN_SDK_TOKEN" in ran.err

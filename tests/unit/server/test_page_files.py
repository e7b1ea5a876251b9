"""The page's files over plain HTTP: types, headers, and nothing but them; and that they fit together."""

from __future__ import annotations

import re
import socket
from html.parser import HTMLParser
from importlib.resources import files

import httpx
import pytest

from scan_sdk.server import EmbeddedServer

FOLDER = files("scan_sdk.server.web.page")
TYPES = {
    ".html": "text/html;charset=utf-8",
    ".css": "text/css;charset=utf-8",
    ".js": "text/javascript;charset=utf-8",
    ".svg": "image/svg+xml",
}
NAMES = sorted(file.name for file in FOLDER.iterdir() if re.search(r"\.(html|css|js|svg)$", file.name))
SCRIPTS = [name for name in NAMES if name.endswith(".js")]


def read(name):
    return FOLDER.joinpath(name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server():
    with EmbeddedServer() as server:
        yield server


@pytest.fixture
def http(server):
    with httpx.Client(base_url=server.url, verify=False) as client:
        yield client


def test_the_page_is_at_the_root_of_the_server(http):
    reply = http.get("/")
    assert reply.status_code == 200
    assert reply.text == read("index.html")
    assert reply.headers["content-type"] == TYPES[".html"]


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_served_with_its_type_and_guarded(http, name):
    reply = http.get(f"/page/{name}")
    assert reply.content == FOLDER.joinpath(name).read_bytes()
    assert reply.headers["content-type"] == TYPES[name[name.rindex(".") :]]
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_the_browser_may_load_nothing_from_elsewhere(http):
    policy = dict(
        directive.split(" ", 1) for directive in http.get("/").headers["content-security-policy"].split("; ")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_an_unchanged_file_is_not_sent_again(http):
    first = http.get("/page/main.js")
    again = http.get("/page/main.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert http.get("/page/main.js", headers={"if-none-match": '"other"'}).status_code == 200
    assert http.get("/page/api.js").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("path", ["/", "/page/main.js"])
def test_head_gives_the_headers_without_the_content(http, path):
    head, get = http.head(path), http.get(path)
    assert head.content == b""
    assert head.headers == get.headers


@pytest.mark.parametrize("path", ["/page", "/page/", "/page/none.js", "/page/__init__.py", "/page/main.js/"])
def test_what_is_no_file_of_the_page_is_not_found(http, path):
    assert http.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/page/../app.py",
        "/page/%2e%2e/app.py",
        "/page/..%2fapp.py",
        "/page/%2fetc%2fpasswd",
        "/page/main.js%00",
    ],
)
def test_no_path_leads_out_of_the_folder(server, path):
    with socket.create_connection((server.host, server.port)) as connection:  # httpx would tidy the path up
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert connection.makefile("rb").readline().split()[1] == b"404"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_can_only_be_read(http, method):
    assert http.request(method, "/").status_code == 405
    assert http.request(method, "/page/main.js").status_code == 405


class Document(HTMLParser):
    """What a document names: ids, what it loads, and what it says in place."""

    def __init__(self):
        super().__init__()
        self.ids = []
        self.named = []
        self.loaded = []
        self.unsafe = []
        self.feed(read("index.html"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name in {"for", "aria-labelledby", "aria-describedby"}:
                self.named += value.split()
            elif name in {"src", "href"}:
                self.loaded.append(value)
            elif name == "style" or name.startswith("on"):
                self.unsafe.append((tag, name))
        if tag == "script" and "src" not in dict(attrs):
            self.unsafe.append((tag, None))


def test_all_that_the_html_names_is_there():
    document = Document()
    assert len(document.ids) == len(set(document.ids))
    assert set(document.named) <= set(document.ids)
    assert {path.removeprefix("page/") for path in document.loaded} <= set(NAMES)
    assert len(document.loaded) > 2
    assert document.unsafe == []  # the policy of the page would not let it run


def test_all_ids_that_the_scripts_look_for_are_in_the_html():
    ids = set(Document().ids)
    looked_for = {found for name in SCRIPTS for found in re.findall(r'(?:byId|\bon)\("([\w-]+)"', read(name))}
    assert len(looked_for) > 50
    assert looked_for <= ids


def test_every_class_that_the_scripts_give_is_known_to_a_style_sheet():
    styles = "".join(read(name) for name in NAMES if name.endswith(".css"))
    given = {
        word
        for name in SCRIPTS
        for found in re.findall(r'class: "([\w -]+)"', read(name))
        for word in found.split()
    }
    assert {word for word in given if not re.search(rf"\.{word}\b", styles)} == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_import_what_is_there_and_make_no_markup_of_texts(name):
    text = read(name)
    for target in re.findall(r'from "([^"]+)"', text):
        assert target.removeprefix("./") in NAMES
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert len(text.splitlines()) < 400


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_from_another_host(name):
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", read(name))
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}

"""Requests that are odd, one by one: what the real server makes of them."""

import html
import re
from xml.etree import ElementTree as ET

import httpx
import pytest

from scan_sdk.server import EmbeddedServer

XML = {"content-type": "text/xml"}
COMMENT = "<commands><comment><text>a</text></comment></commands>"
DELAY = "<commands><delay><seconds>60</seconds></delay></commands>"
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>'
THIEF = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.fixture(scope="module")
def http():
    with EmbeddedServer() as server, httpx.Client(base_url=server.url, verify=False) as client:
        assert client.post("/scan/held", content=DELAY, headers=XML).text == "<id>1</id>\n"
        yield client


def said(reply):
    found = re.search(r"<tr><th>MESSAGE:</th><td>(.*?)</td></tr>", reply.text, re.DOTALL)
    return html.unescape(found[1]) if found else reply.text.strip()


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/scan", 400, "Missing scan ID"),
        ("GET", "/scan//", 400, "Missing scan ID"),
        ("GET", "/scan/", 400, "Cannot parse path element ''"),
        ("GET", "/scan//1", 400, "Cannot parse path element ''"),
        ("GET", "/scan/%201", 400, "Cannot parse path element ' 1'"),
        ("GET", "/scan/1.0", 400, "Cannot parse path element '1.0'"),
        ("GET", "/scan/1_0", 400, "Cannot parse path element '1_0'"),
        ("GET", "/scan/%D9%A1", 400, "Cannot parse path element '\u0661'"),
        ("GET", "/scan/9223372036854775808", 400, "Cannot parse path element '9223372036854775808'"),
        ("GET", "/scan/9223372036854775807", 500, "Unknown scan ID 9223372036854775807"),
        ("GET", "/scan/-1", 500, "Unknown scan ID -1"),
        ("GET", "/scan/1//x", 500, "Unknown request object "),
        ("GET", "/scan/1/unknown", 500, "Unknown request object unknown"),
        ("GET", "/scan/77/unknown", 500, "Unknown request object unknown"),
        ("GET", "/scan/77/data", 500, "Error retrieving log data"),
        ("GET", "/server", 400, "Missing '/server/*' request detail"),
        ("GET", "/server//", 400, "Missing '/server/*' request detail"),
        ("GET", "/server/info/x", 400, "Missing '/server/*' request detail"),
        ("GET", "/server/", 400, "Invalid request /server/"),
        ("GET", "/simulate", 405, "HTTP method GET is not supported by this URL"),
        ("POST", "/scans", 405, "HTTP method POST is not supported by this URL"),
        ("GET", "/nothing", 404, "Not Found"),
        ("PUT", "/scan/1", 400, "Missing scan ID and command"),
        ("PUT", "/scan/x/pause", 400, "Cannot parse path element 'x'"),
        ("PUT", "/scan/1/PAUSE", 400, "Unknown command 'PAUSE'"),
        ("PUT", "/scan/1/pause/now", 400, "Unknown command 'pause', or something after it"),
        ("PUT", "/scan/1/move", 400, "move wants the number of steps"),
        ("PUT", "/scan/1/move/1/2", 400, "move wants the number of steps"),
        ("PUT", "/scan/1/move/1.5", 400, "'1.5' is no whole number"),
        ("PUT", "/scan/77/pause", 400, "Unknown scan ID 77"),
        ("DELETE", "/scan", 400, "Missing scan ID"),
        ("DELETE", "/scan/1/data", 400, "Expecting a scan ID and nothing more"),
        ("DELETE", "/scan/-1", 400, "Unknown scan ID -1"),
        ("DELETE", "/scans", 400, "Illegal path '/scans'"),
        ("DELETE", "/scans/completed/", 400, "Illegal path '/scans/completed/'"),
        ("TRACE", "/scans", 405, "HTTP method TRACE is not supported"),
        *(
            (method, "/scans", 501, f"HTTP method {method} is not implemented")
            for method in (
                "PATCH",
                "DISPATCH",
                "METHOD_NOT_ALLOWED",
                "SCOPE",
                "SEND",
                "_ALLOWED_METHODS",
            )
        ),
    ],
)
def test_a_refused_request_says_why(http, method, path, status, reason):
    reply = http.request(method, path, headers=XML)
    assert (reply.status_code, reason in said(reply)) == (status, True), said(reply)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/scan/+1"),
        ("GET", "/scan/1/"),
        ("GET", "/scan/1//"),
        ("GET", "/scan/%31"),
        ("GET", "/scan/1/DATA/and/more"),
        ("GET", "/scan/-7/devices"),
        ("GET", "/scans/whatever"),
        ("GET", "/server/info/"),
        ("HEAD", "/scans"),
        ("OPTIONS", "/scan/1"),
        ("PUT", "/scan/-5/resume"),
        ("PUT", "/scan/1/move/9223372036854775807"),
        ("PUT", "/scan/77/move/-1"),
        ("PUT", "/scan/1/resume/"),
    ],
)
def test_what_is_odd_but_taken(http, method, path):
    assert http.request(method, path).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("", 400, "not well-formed"),
        ("<patch>", 400, "not well-formed"),
        ("<patchwork/>", 400, "the root element is <patchwork>"),
        (f"{BOMB}<patch/>", 400, "document type declaration"),
        (f"{THIEF}<patch><address>0</address><property>&b;</property></patch>", 400, "document type"),
        ("<patch><property>seconds</property><value>1</value></patch>", 400, "<address>"),
        ("<patch><address>x</address><property>seconds</property></patch>", 400, "<address>"),
        ("<patch><address>0</address><value>1</value></patch>", 400, "<property>"),
        ("<patch><address>0</address><property>nope</property></patch>", 400, "has no property nope"),
        ("<patch><address>7</address><property>seconds</property></patch>", 400, "Invalid command address 7"),
        ("<patch><address>-1</address><property>seconds</property></patch>", 400, "<address>"),
        ("<patch><address>0</address><property>seconds</property><value>a</value></patch>", 400, "Cannot"),
        ("<patch><address>0</address><property>seconds</property><value>60</value></patch>", 200, ""),
    ],
)
def test_patches(http, body, status, reason):
    before = http.get("/scan/1/commands").text
    reply = http.put("/scan/1/patch", content=body)
    assert (reply.status_code, reason in reply.text) == (status, True), reply.text
    assert http.get("/scan/1/commands").text == before  # also where it is taken, as that is what it was


@pytest.mark.parametrize("declaration", [BOMB, THIEF, "<!DOCTYPE commands>"])
@pytest.mark.parametrize("path", ["/scan/a", "/simulate"])
def test_declarations_are_refused_wherever_commands_are_read(http, declaration, path):
    reply = http.post(path, content=declaration + COMMENT.replace(">a<", ">&b;<"), headers=XML)
    assert reply.status_code == 400
    assert "a document type declaration is not allowed" in reply.text
    assert "root:" not in reply.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("queue=FALSE", 200),
        ("queue=no&pre_post=", 200),
        ("queue=%ff&pre_post=%", 200),
        ("timeout=1&timeout=x", 200),
        ("timeout=x&timeout=1", 400),
        ("timeout=%2B1", 200),
        ("timeout=+1", 400),
        ("timeout=1.0", 400),
        ("timeout=9223372036854775807", 200),
        ("timeout=9223372036854775808", 400),
        ("timeout=1&deadline=2099-01-01+00:00:00", 400),
        ("timeout=0&deadline=2099-01-01+00:00:00", 200),
        ("timeout=1&deadline=0000-00-00+00:00:00", 200),
        ("deadline=2099-02-31+00:00:00", 200),
        ("deadline=2099-02-32+00:00:00", 400),
        ("deadline=2099-00-30+00:00:00", 400),
        ("deadline=0000-01-30+00:00:00", 400),
        ("deadline=9999-12-31+23:59:59", 200),
        ("deadline=2099-01-01T00:00:00", 400),
        ("deadline=2099-01-01+24:00:01", 400),
        ("deadline=", 400),
    ],
)
def test_options(http, query, status):
    count = http.get("/scans").text.count("<scan>")
    reply = http.post(f"/scan/x?{query}", content=COMMENT, headers=XML)
    assert reply.status_code == status
    assert http.get("/scans").text.count("<scan>") == count + (status == 200)
    if status == 400:
        assert re.search("Invalid (timeout|deadline)|both", ET.fromstring(reply.content).findtext("trace"))

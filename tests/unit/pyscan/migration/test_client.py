"""The client's methods and what they return, wherever it shows what a variable is."""

# ruff: noqa: E501, ISC004  # a case is a line of a script, whatever its length

import pytest

CHANGED = [
    ("c.waitUntilDone(7)", "c.wait_until_done(7)"),
    ("c.waitUntilDone(scanID=7)", "c.wait_until_done(scan_id=7)"),
    ("c.scanInfo(7)", "c.scan_info(7)"),
    ("c.scanInfo(7, 5)", "c.scan_info(7)"),
    ("c.lastSerial(7)", "c.last_serial(7)"),
    ("print(c.serverInfo())", "print(c.server_info())"),
    ("print(c.scanDevices(-1))", "print(c.scan_devices())"),
    ("open('f', 'w').write(c.scanCmds(7))", "open('f', 'w').write(c.scan_commands(7).to_xml())"),
    ("c.submit(cmds, 'a', True)", "c.submit(cmds, 'a', queue=True)"),
    (
        "c.submit(cmds=cmds, name='a', timeout=5, deadline=None)",
        "c.submit(commands=cmds, name='a', timeout=5)",
    ),
    ("c.submit(cmds, 'a', deadline='0000-00-00 00:00:00')", "c.submit(cmds, 'a')"),
    (
        "c.submit(cmds, 'a', True, 0, when, False)",
        "c.submit(cmds, 'a', queue=True, timeout=0, deadline=when, pre_post=False)",
    ),
    ("c.abort(7)", "c.abort(7)"),
    ("c.pause()", "c.pause_all()"),
    ("c.resume(-1)", "c.resume_all()"),
    ("c.resume(scanID=7)", "c.resume(scan_id=7)"),
    ("c.delete(7); c.clear()", "c.delete(7); c.clear()"),
    ("c.patch(7, 1, 'value', '5')", "c.patch(7, 1, 'value', 5)"),
    (
        "c.patch(scanID=7, address=1, property='value', value='a')",
        "c.patch(scan_id=7, address=1, property='value', value='a')",
    ),
    ("for i in c.scanInfos(): print(i)", "for i in c.scan_infos(): print(i)"),
    ("print([str(i) for i in c.scanInfos(5)])", "print([str(i) for i in c.scan_infos()])"),
    ("n = len(c.scanInfos())", "n = len(c.scan_infos())"),
    ("i = c.scanInfos()[0].isDone()", "i = c.scan_infos()[0].is_done"),
    ("found = c.scanInfos()", "found = list(c.scan_infos())"),
    ("for i in c.scanInfos()[:5]: i.percentage()", "for i in c.scan_infos()[:5]: i.percentage"),
    ("for i in reversed(c.scanInfos()): i.isDone()", "for i in reversed(c.scan_infos()): i.is_done"),
    (
        "i = c.scanInfo(7)\nwhile not i.isDone(): i = c.scanInfo(i.id)",
        "i = c.scan_info(7)\nwhile not i.is_done: i = c.scan_info(i.id)",
    ),
    (
        "i = c.scanInfo(7)\ni.percentage() + i.created",
        "i = c.scan_info(7)\ni.percentage + round(i.created.timestamp() * 1000)",
    ),
    (
        "i = c.scanInfo(7)\nprint(i.runtime)",
        "i = c.scan_info(7)\nprint(round(i.runtime.total_seconds() * 1000))",
    ),
    (
        "i = c.scanInfo(7)\nprint(i.finish, i.createdDatetime())",
        "i = c.scan_info(7)\nprint((round(i.finish.timestamp() * 1000) if i.finish else 0), "
        "i.created.astimezone().replace(tzinfo=None))",
    ),
    ("i = c.scanInfo(7)\nprint('%s %d' % (i, i.id))", "i = c.scan_info(7)\nprint('%s %d' % (i, i.id))"),
    ("i = c.scanInfo(7)\nif i is None or not i: pass", "i = c.scan_info(7)\nif i is None or not i: pass"),
    (
        "r = c.simulate(cmds)\nprint(r['simulation'], r['seconds'])",
        "r = c.simulate(cmds)\nprint(r.log, r.seconds)",
    ),
    ("c.simulate(cmds=cmds)['seconds']", "c.simulate(commands=cmds).seconds"),
    ("d = c.getData(7)\nd['x']['value'][0]", "d = c.get_data(7)\nd['x'].value.tolist()[0]"),
    (
        "d = c.getData(7)\nx = d['x']\nx['id'], x['time']",
        "d = c.get_data(7)\nx = d['x']\nx.serial.tolist(), x.time.tolist()",
    ),
    (
        "d = c.getData(7)\nif 'x' in d: print(len(d), list(d), d.keys())",
        "d = c.get_data(7)\nif 'x' in d: print(len(d), list(d), d.keys())",
    ),
    (
        "x, y = createTable(c.getData(7), 'x', 'y')",
        "x, y = [column.tolist() for column in c.get_data(7).table('x', 'y').columns]",
    ),
    (
        "d = c.getData(7)\nfor s in iterateSamples(d, name): print(s)",
        "d = c.get_data(7)\nfor s in zip(d[name].serial.tolist(), d[name].time.tolist(), "
        "d[name].value.tolist()): print(s)",
    ),
    (
        "assert c.scanInfo(7).isDone(), f'{c.scanInfo(7)}'",
        "assert c.scan_info(7).is_done, f'{c.scan_info(7)}'",
    ),
    (
        "if (i := c.scanInfo(7)).isDone(): print(i.isDone())",
        "if (i := c.scan_info(7)).is_done: print(i.is_done)",
    ),
]
LEFT = [
    ("c.abort()", "abort_all()"),
    ("c.abort(-1)", "abort_all()"),
    ("parse(c.serverInfo())", "returned XML"),
    ("xml = c.scanDevices()", "returned XML"),
    ("f = c.waitUntilDone", "write the call out"),
    ("c.submit(*arguments)", "write the arguments out"),
    ("c.submit(cmds, label='a')", "no such arguments: label"),
    ("c.clear(1)", "too many"),
    ("elsewhere(c)", "not part of this script"),
    ("elsewhere.run(c.getData(7))", "not part of this script"),
    ("elsewhere(**{'c': c})", "cannot be followed"),
    ("a, b = c, 1", "cannot be followed"),
    ("names['c'] = c", "cannot be followed"),
    ("x.waitUntilDone(7)", "not surely one"),
    ("x.isDone()", "not surely that"),
    ("for i, info in enumerate(c.scanInfos()): info.isDone()", "not surely that"),
    ("i = c.scanInfo(7)\nwhile not i.isDone: pass", "is a method, and always true"),
    ("i = c.scanInfo(7)\ni.created()", "is no method"),
    ("i = c.scanInfo(7)\ni.colour", "has no colour"),
    ("c.scanInfo(7).finish", "a name first"),
    ("i = c.scanInfo(7)\ni = other()\ni.created", "not surely what a client says"),
    ("d = c.getData(7)\nfor n, v in d.items(): print(v)", "has no items"),
    ("d = c.getData(7)\nd['x'] = 3", "cannot be written to"),
    ("d = c.getData(7)\nx = d['x']\nx[k]", "does not show"),
    ("r = c.simulate(cmds)\nr[k]", "does not show"),
    ("r = c.simulate(cmds)\nr = other()\nr['simulation']", "not surely what simulate() returned"),
    ("t = createTable(d, 'x')", "not surely from the client"),
    ("f = createTable", "write the call out"),
    ("t = iterateSamples(c.getData(7), 'x')", "a name first"),
    ("getTable(c.getData(7), 'x')", "not part of this script"),
    ("make = ScanClient", "what becomes of it does not show"),
    ("ScanClient(*address)", "write host and port out"),
    ("[ScanClient('a'), 3]", "cannot be followed"),
    ("lambda x: x.scanInfos()", "not surely one"),
]


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_methods_and_what_they_return_take_their_new_names(rewrite, before, after):
    found = rewrite(f"from scan import *\nc = ScanClient()\n{before}\n")
    assert (found.body, found.blocks) == (f"c = ScanClient()\n{after}", set())
    assert found.text.startswith("from scan_sdk import ScanClient\n")


@pytest.mark.parametrize(("code", "reason"), LEFT)
def test_what_is_not_sure_keeps_the_old_client_and_new_commands(rewrite, code, reason):
    found = rewrite(f"from scan import *\nc = ScanClient()\n{code}\nc.scanInfo(7)\nDelay(1, 'H')\n")
    assert found.blocks == {"client"}
    assert reason in found.said
    assert found.text.startswith("from scan_sdk import Delay\nfrom scan_sdk.pyscan import ")
    assert f"c = ScanClient()\n{code}\nc.scanInfo(7)\nDelay(1, error_handler='H')\n" in found.text


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return ScanClient()\nf().{0}(7)",
        "def f(client):\n    client.{0}(7)\nf(ScanClient())",
        "def f(*, client=None):\n    client.{0}(7)\nf(client=ScanClient())",
        "def f(client: ScanClient):\n    client.{0}(7)",
        "def f(client=ScanClient()):\n    client.{0}(7)",
        "def f():\n    global client\n    client = ScanClient()\nclient = None\nclient.{0}(7)",
        "client = ScanClient()\ndef f():\n    def g():\n        client.{0}(7)",
        "class A:\n    def __init__(self):\n        self.client = ScanClient()\n    def go(self):\n        self.client.{0}(7)",
        "class A:\n    client = ScanClient()\n    def go(self):\n        self.client.{0}(7)",
        "class A:\n    def __init__(self, client):\n        self.client = client\nA(ScanClient()).client.{0}(7)",
        "class A:\n    def make(self):\n        return ScanClient()\n    def go(self):\n        self.make().{0}(7)",
        "clients = [ScanClient(host) for host in hosts]\nfor client in clients:\n    client.{0}(7)",
        "for client in (ScanClient('a'), ScanClient('b')):\n    client.{0}(7)",
        "clients = []\nclient: ScanClient = find()\nclient.{0}(7)",
        "client = ScanClient('a') if near else ScanClient('b')\nclient.{0}(7)",
        "ScanClient(port='4811').{0}(7)",
    ],
)
def test_a_client_is_followed_to_where_it_is_used(rewrite, code):
    found = rewrite("from scan import *\n" + code.format("waitUntilDone") + "\n")
    assert found.said == ""
    assert found.body == code.format("wait_until_done").replace("'4811'", "4811")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ScanClient('a', 4811)", "ScanClient('a', 4811)"),
        ("ScanClient('a', '4811')", "ScanClient('a', 4811)"),
        ("ScanClient(port=port)", "ScanClient(port=int(port))"),
        ("ScanClient('a', int(port))", "ScanClient('a', int(port))"),
        ("PORT = 4811\nScanClient('a', PORT)", "PORT = 4811\nScanClient('a', PORT)"),
    ],
)
def test_a_port_is_a_number(rewrite, before, after):
    found = rewrite(f"from scan import *\n{before}\n")
    assert (found.body, found.said) == (after, "")


@pytest.mark.parametrize(
    ("code", "remark"),
    [
        ("c.pause(7)", "CommandRefused"),
        ("c.scanInfos(timeout=5)", "ScanClient(timeout=...)"),
        ("print(c.serverInfo())", "looks different"),
    ],
)
def test_what_differs_though_it_is_converted_is_pointed_out(rewrite, code, remark):
    found = rewrite(f"from scan import *\nc = ScanClient()\n{code}\n")
    assert remark in found.said
    assert found.blocks == set()
    assert found.migration.is_whole

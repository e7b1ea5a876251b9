"""Commands mean the same to the server, whatever the old constructors assumed."""

# ruff: noqa: ISC004  # a case is a line of a script, whatever its length

import pytest

SAME = [
    "Set('x', 1)",
    "Set('x', value=1, completion=True, timeout=3)",
    "Loop('x', 1, 5, 1, [Log('x')])",
    "Loop('x', 1, 5, 1, Log('x'), Delay(1))",
    "Loop('x', 1, 5, 1, *body)",
    "Loop('x', 1, 5, 1, body=[Log('x')], readback=True, tolerance=0.3)",
    "Loop('x', 1, 5, step, readback=False)",
    "If('x', '>', 3, Comment('big'), tolerance=0.5)",
    "Log('x', 'y')",
    "Log(['x', 'y'])",
    "Log(*devices)",
    "Parallel(Set('x', 1), Set('y', 2), timeout=5)",
    "Parallel(body=[Set('x', 1)])",
    "Sequence(Set('x', 1))",
    "Script('Fit', 'x', 3)",
    "Script('Fit', arguments)",
    "Wait('x', 3, '>=', tolerance=0.5, timeout=10)",
    "Wait('x', 'Open')",
    "Include('prepare.scn', 'motor=x')",
    "Include('prepare.scn', macros={'motor': 'x'})",
    "ConfigLog(True)",
    "ConfigLog(automatic_logging)",
    "CommandSequence(Comment('a'), [Delay(1)])",
    "CommandSequence(*commands)",
]
CHANGED = [
    ("Comment()", 'Comment("This is an example comment.")'),
    ("Set('x', 1, True)", "Set('x', 1, completion=True)"),
    ("Set('x', 1, 1, 0)", "Set('x', 1, completion=True, readback=False)"),
    ("Set('x', 1, readback=True)", "Set('x', 1, readback=True, tolerance=0)"),
    ("Set('x', 1, readback='y')", "Set('x', 1, readback='y', tolerance=0)"),
    ("Set('x', 1, readback='')", "Set('x', 1)"),
    ("Set('x', 1, readback=None)", "Set('x', 1)"),
    ("Set('x', 1, readback=rbv)", "Set('x', 1, readback=rbv, tolerance=0)"),
    (
        "Set('x', 1, True, 'y', 'OK', 0.2, 30, 'H')",
        "Set('x', 1, completion=True, readback='y', readback_value='OK', "
        "tolerance=0.2, timeout=30, error_handler='H')",
    ),
    (
        "Set('x', 1, readback=True, readback_value='')",
        "Set('x', 1, readback=True, tolerance=0)",
    ),
    ("Loop('x', 0, 1, 0.5, readback=True)", "Loop('x', 0, 1, 0.5, readback=True, tolerance=0.05)"),
    ("Loop('x', 1, 0, -0.5, readback=True)", "Loop('x', 1, 0, -0.5, readback=True, tolerance=0.05)"),
    ("Loop('x', 1, 5, s, readback='y')", "Loop('x', 1, 5, s, readback='y', tolerance=abs(s) / 10)"),
    ("Loop('x', 1, 5, 1, None, completion=1)", "Loop('x', 1, 5, 1, completion=True)"),
    ("Loop('x', 1, 5, 1, errhandler='H')", "Loop('x', 1, 5, 1, error_handler='H')"),
    (
        "s = CommandSequence(); t = [Comment('a')] + s + s[1:]",
        "s = CommandSequence(); t = CommandSequence([Comment('a')], s) + s[1:]",
    ),
    (
        "s = CommandSequence()\nt = (a # one\n     + s)",
        "s = CommandSequence()\nt = CommandSequence(a # one\n     , s)",
    ),
    ("ConfigLog(auto=a)", "ConfigLog(automatic=a)"),
    ("Delay(1, 'H')", "Delay(1, error_handler='H')"),
    ("Delay(1, errhandler=None)", "Delay(1)"),
    ("Delay(1, errhandler=handler)", 'Delay(1, error_handler=handler or "")'),
    ("Delay(1, errhandler=a if b else c)", 'Delay(1, error_handler=(a if b else c) or "")'),
    ("Delay(1, errhandler='On%s' % what)", "Delay(1, error_handler='On%s' % what)"),
    ("Log(devices=['x'], errhandler='H')", "Log(['x'], error_handler='H')"),
    ("Log(errhandler='H', devices='x')", "Log('x', error_handler='H')"),
    ("Include(scan='a.scn', macros=None, errhandler='H')", "Include(scan_file='a.scn', error_handler='H')"),
    ("Include('a.scn', macros)", "Include('a.scn', macros or \"\")"),
    ("ConfigLog(auto=0, errhandler='H')", "ConfigLog(automatic=False, error_handler='H')"),
    ("Wait('x', 3, '=', 0.5, 10, 'H')", "Wait('x', 3, '=', tolerance=0.5, timeout=10, error_handler='H')"),
    ("Wait('x', '5')", "Wait('x', 5)"),
    ("Wait('x', ' -1.5e3 ')", "Wait('x', -1.5e3)"),
    ("Wait('x', '\"Open\"')", "Wait('x', 'Open')"),
    ("If('x', '=', '5')", "If('x', '=', 5)"),
    ("Script(script='Fit')", "Script(path='Fit')"),
    ("Script()", 'Script("the_script.py")'),
    ("Script('Fit', ['x', 3])", "Script('Fit', 'x', 3)"),
    ("Script('Fit', [*xs, 3], errHandler='H')", "Script('Fit', *xs, 3, error_handler='H')"),
    ("Script('Fit', [])", "Script('Fit', [])"),
]
LEFT = [
    ("Set('x', True)", "which text or number"),
    ("Set('x', [1, 2])", "which text or number"),
    ("Set('x', 1, readback_value='OK')", "without readback="),
    ("Set(*arguments)", "write the arguments out"),
    ("Set('x', 1, **options)", "write the arguments out"),
    ("Set('x', 1, complation=True)", "did you mean 'completion'"),
    ("Set('x', 1, quickly=True)", "has no option 'quickly'"),
    ("Comment('a', 'b')", "no more than 1 arguments"),
    ("Loop('x', 1, 5, 0)", "step 0 was taken for 1"),
    ("Loop('x', 1, 5, f(), readback=True)", "a tenth of the step"),
    ("Log()", "refused by the server"),
    ("Script('Fit', None)", "texts and numbers"),
    ("ConfigLog('on')", "give True or False"),
    ("make = Set", "not called here"),
    ("class Mine(Set): pass", "not called here"),
    ("isinstance(x, Command)", "no class any more"),
    ("c = Set('x', 1); c.setCompletion(True)", "give the option when the command is built"),
    ("c.getDevice()", "command.device"),
    ("c.genXML()", "CommandSequence(command).to_xml()"),
    ("c.getBody().append(d)", "command.body"),
    ("p = Parallel(); p.append(c)", "collect the body in a list first"),
    ("anything.genSCN()", "as text"),
    ("s = CommandSequence(); s.sort()", "CommandSequence has no sort"),
    ("s = CommandSequence(); f(s.append)", "CommandSequence has no append"),
    ("s = CommandSequence()\nif a:\n    s = []\ns += b", "a list or a CommandSequence"),
    ("s = CommandSequence()\nif a:\n    s = []\ns.append(b)", "a list or a CommandSequence"),
    ("Set = decorate(Set)\nSet('x', 1)", "given another value too"),
]


@pytest.mark.parametrize("code", SAME)
def test_what_the_new_constructors_take_stays(rewrite, code):
    found = rewrite(f"from scan import *\n{code}\n")
    assert (found.body, found.said, found.blocks) == (code, "", set())


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_arguments_become_those_of_the_new_constructors(rewrite, before, after):
    found = rewrite(f"from scan import *\n{before}\n")
    assert (found.body, found.blocks) == (after, set())


@pytest.mark.parametrize(("code", "reason"), LEFT)
def test_what_is_not_sure_is_left_with_its_reason_and_the_old_names(rewrite, code, reason):
    found = rewrite(f"from scan import *\n{code}\nDelay(1, 'H')\n")
    assert found.blocks == {"commands"}
    assert reason in found.said
    assert found.text.startswith("from scan_sdk.pyscan import ")
    assert found.body == f"{code}\nDelay(1, 'H')"


@pytest.mark.parametrize(
    ("code", "remark"),
    [
        ("Wait('x', 5, tolerance=0)", "tolerance=0 was never sent"),
        ("Script('Fit', 'x')", "each letter"),
        ("Script('Fit', errhandler='H')", "now it counts"),
    ],
)
def test_what_the_old_commands_did_by_mistake_is_pointed_out(rewrite, code, remark):
    found = rewrite(f"from scan import *\n{code}\n")
    assert remark in found.said
    assert found.blocks == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s.append(a, b)", "s.extend([a, b])"),
        ("s.append(*a)", "s.extend([*a])"),
        ("s.append(a)", "s.append(a)"),
        ("s += a", "s.append(a)"),
        ("s += [a, b]; print(s)", "s.append([a, b]); print(s)"),
        ("f.write(s.genSCN())", "f.write(s.to_xml().encode())"),
        ("print(s.genSCN().decode())", "print(s.to_xml())"),
        ("print(s.genSCN().decode('ascii'))", "print(s.to_xml())"),
        ("s.format()", "s.format()"),
        ("s -= a", "s -= a"),
    ],
)
def test_sequences_take_their_new_methods(rewrite, before, after):
    found = rewrite(f"from scan import *\ns = CommandSequence()\n{before}\n")
    assert (found.body, found.blocks) == (f"s = CommandSequence()\n{after}", set())


def test_names_in_annotations_and_in_isinstance_say_only_what_is_meant(rewrite):
    code = "def f(x: Set, y: 'Loop') -> Command:\n    return isinstance(x, (Set, Loop))"
    found = rewrite(f"from scan import *\n{code}\n")
    assert (found.body, found.blocks) == (code, set())
    assert found.text.startswith("from scan_sdk import Command, Loop, Set\n")


def test_comments_and_line_breaks_inside_of_calls_stay(rewrite):
    found = rewrite(
        """\
        from scan import *
        cmds = [
            Loop('x', 1, 5, 1,     # slowly
                 [ Delay( 1 ) ],   # a second
                 errhandler = 'H'  # never mind
                 ),
            Set('x',
                1,
                True),
        ]
        """
    )
    assert found.body == (
        "cmds = [\n"
        "    Loop('x', 1, 5, 1,     # slowly\n"
        "         [ Delay( 1 ) ],   # a second\n"
        "         error_handler = 'H'  # never mind\n"
        "         ),\n"
        "    Set('x',\n"
        "        1,\n"
        "        completion=True),\n"
        "]"
    )

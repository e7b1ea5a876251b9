import pytest

from scan_sdk._dialect.macros import parse_macros, resolve


@pytest.mark.parametrize(
    ("text", "macros"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=1, b=two words ,c=", {"a": "1", "b": "two words", "c": ""}),
        ('a="1, 2", b=3', {"a": "1, 2", "b": "3"}),
        (r'a="say \"hi\""', {"a": 'say "hi"'}),
        ("a=x=y", {"a": "x=y"}),
        ("a=1, b=$(a)2", {"a": "1", "b": "12"}),
        ("b=$(a), a=1", {"b": "$(a)", "a": "1"}),
        ("a=1, nothing", {"a": "1"}),
        ("nothing", {}),
        ("a.b-c[0]=1", {"a.b-c[0]": "1"}),
    ],
)
def test_macros_are_read_with_quotes_and_earlier_macros(text, macros):
    assert parse_macros(text) == macros


@pytest.mark.parametrize(
    "text", ["1a=2", "a b=2", "=2", "xml=1", "XmlThing=1", "$(a)=1", 'a="open', 'a="open\\"']
)
def test_a_bad_name_or_open_quote_is_named(text):
    with pytest.raises(ValueError, match="Cannot read the macros"):
        parse_macros(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("$(a)", "1"),
        ("${a}", "1"),
        ("x$(a)y${b}z", "x1y2z"),
        ("$(nested)", "1"),
        ("$(missing)", "$(missing)"),
        ("$(missing) $(a)", "$(missing) 1"),
        ("$(missing=default)", "default"),
        ("$(missing=)", ""),
        ("$(missing=$(a))", "1"),
        ("$(a=default)", "1"),
        ("$(=x)", "$(=x)"),
        (r"\$(a)", "$(a)"),
        (r"\$(a) $(a)", "$(a) 1"),
        ("costs $5 $(a)", "costs $5 $(a)"),  # as the real server: a lone dollar ends the search
        ("$(a", "$(a"),
        ("$(a}", "$(a}"),
        ("ends with $", "ends with $"),
        ("$(a)$", "1$"),
    ],
)
def test_macros_are_replaced_as_by_the_server(text, result):
    assert resolve(text, {"a": "1", "b": "2", "nested": "$(a)"}) == result


def test_macros_that_refer_to_themselves_are_an_error_not_a_hang():
    with pytest.raises(ValueError, match="refer to themselves"):
        resolve("$(a)", {"a": "$(b)", "b": "$(a)"})

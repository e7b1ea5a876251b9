"""What extensions register is found, clashes are named, and entry points are loaded once, when needed."""

import sys
from importlib import metadata

import pytest

from scan_sdk import ExtensionError, _registry
from scan_sdk._registry import ByKind, Registry


@pytest.fixture
def fresh(monkeypatch):
    loader = _registry._Loader()
    monkeypatch.setattr(_registry, "_loader", loader)
    return loader


def install(monkeypatch, *entries):
    points = [metadata.EntryPoint(name, value, _registry.GROUP) for name, value in entries]
    monkeypatch.setattr(metadata, "entry_points", lambda *, group: points if group == _registry.GROUP else [])


def test_what_is_registered_is_found_and_what_is_not_is_none(fresh):
    table = Registry[str, int]("scheme")
    table.add("a", 1, owner="here")
    assert (table.get("a"), table.get("b"), dict(table.items())) == (1, None, {"a": 1})


def test_a_clash_names_both_owners_and_keeps_the_first(fresh):
    table = Registry[str, int]("scheme")
    table.add("a", 1, owner="here")
    with pytest.raises(ExtensionError, match="the scheme 'a' of there is that of here already"):
        table.add("a", 2, owner="there")
    assert table.get("a") == 1


def test_extensions_are_loaded_for_what_is_not_known_and_only_once(fresh, monkeypatch, tmp_path):
    (tmp_path / "counted_extension.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    install(monkeypatch, ("one", "counted_extension"))
    table = Registry[str, int]("scheme")
    table.add("a", 1, owner="here")
    assert table.get("a") == 1
    assert "counted_extension" not in sys.modules
    assert table.get("b") is None
    assert "counted_extension" in sys.modules
    del sys.modules["counted_extension"]
    assert table.get("c") is None
    assert "counted_extension" not in sys.modules


def test_an_extension_that_cannot_be_imported_is_named_and_the_rest_is_loaded(
    fresh, monkeypatch, tmp_path, caplog
):
    (tmp_path / "broken_extension.py").write_text("1 / 0\n")
    (tmp_path / "whole_extension.py").write_text("loaded = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    install(
        monkeypatch,
        ("bad", "broken_extension"),
        ("missing", "no_such_extension"),
        ("good", "whole_extension"),
    )
    assert _registry.problems() == (
        ("bad (broken_extension)", "ZeroDivisionError: division by zero"),
        ("missing (no_such_extension)", "ModuleNotFoundError: No module named 'no_such_extension'"),
    )
    assert sys.modules.pop("whole_extension").loaded
    assert "the extension bad (broken_extension) cannot be loaded: ZeroDivisionError" in caplog.text


def test_a_subclass_inherits_what_is_registered_for_the_nearest_of_its_bases(fresh):
    class Base: ...

    class Inner(Base): ...

    class Outer(Inner): ...

    table = ByKind[str]("wording")
    table.register(Base)("base")
    assert (table.of(Outer), table.of(int)) == ("base", None)
    table.register(Inner)("inner")
    assert (table.of(Outer), table.of(Base)) == ("inner", "base")
    table.forget(Inner)
    assert table.of(Outer) == "base"


def test_what_this_package_has_goes_first_also_where_it_is_registered_later(fresh, monkeypatch, tmp_path):
    (tmp_path / "hasty_extension.py").write_text(
        "from scan_sdk import _registry\n"
        "_registry.SCHEMES.add('hasty', len, owner=__name__)\n"
        # as the import of the server does, in the middle of what an extension registers
        "_registry.SCHEMES.add('ours', max, owner='scan_sdk.server.devices')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    install(monkeypatch, ("hasty", "hasty_extension"))
    table = _registry.SCHEMES
    try:
        assert table.get("hasty") is len
        assert (table.owner("hasty"), table.owner("ours")) == (
            "hasty (hasty_extension)",
            "scan_sdk.server.devices",
        )
        table.add("hasty", min, owner="scan_sdk.server.devices")
        assert (table.get("hasty"), table.owner("hasty")) == (min, "scan_sdk.server.devices")
        (problem,) = _registry.problems()
        assert problem.extension == "hasty (hasty_extension)"
        assert problem.reason.endswith("'hasty' is that of scan_sdk.server.devices already")
    finally:
        table.remove("hasty")
        table.remove("ours")

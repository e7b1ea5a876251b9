"""The classes of scripts, loaded from the files of the script path for one scan."""

from __future__ import annotations

import builtins
import logging
import threading
from importlib.util import decode_source, resolve_name
from traceback import walk_tb
from types import ModuleType
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from scan_sdk.server.errors import CommandFailed, Refused
from scan_sdk.server.scripts.names import ScanScript, java_modules
from scan_sdk.server.scripts.python2 import from_python_2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import CodeType

__all__ = ["ScriptClasses", "ScriptFolder", "Scripted"]

B = TypeVar("B")
B_co = TypeVar("B_co", covariant=True)

_logger = logging.getLogger(__name__)


class ScriptFolder(NamedTuple):
    """A folder of the script path."""

    path: Path
    """Where it is."""
    shown: str
    """How the configuration writes it, for messages."""


class ScriptClasses:
    """The modules of one scan's scripts.

    A scan reads them anew, so an edited script is in force with the next submit, and scans share no state
    through them. They are no modules of the process: neither `sys.modules` nor `sys.path` knows of them. What
    a script imports is looked for in `names` first, then in the folders, then where Python looks.

    Args:
        folders: The folders of the script path, in the order of search.
    """

    def __init__(self, folders: Sequence[ScriptFolder]) -> None:
        self._folders = folders
        self._modules = java_modules()
        self._sources: dict[str, Sequence[str]] = {}
        self._importing = threading.RLock()
        self._builtins = {**vars(builtins), "__import__": self._import}

    def construct(self, name: str, base: type[B], arguments: Sequence[str] = ()) -> B:
        """Return an object of a class in the file that has its name in lower case.

        Args:
            name: The class.
            base: What it has to be derived from.
            arguments: What it is constructed with.

        Raises:
            Refused: There is no such file or class, or it fails.
        """
        module = name.lower()
        if self._find(module) is None:
            raise Refused(f"Error loading class {name}: there is no {module}.py on the script path")
        try:
            cls: object = getattr(self._load(module), name, None)
            if isinstance(cls, type) and issubclass(cls, base):
                return cls(*arguments)
        except BaseException as error:  # the outermost edge of what others wrote
            raise Refused(f"Error loading class {name}:{self.explain(error)}") from error
        what = f"class of that name derived from {base.__name__}"
        raise Refused(f"Error loading class {name}: {module}.py defines no {what}")

    def explain(self, error: BaseException) -> str:
        """Return what a script raised, and where in the scripts, as the real server words it."""
        text = str(error)
        if not isinstance(error, CommandFailed):
            kind = type(error)
            module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
            text = f"{module}{kind.__name__}" + (f": {text}" if text else "")
        stack = "".join(
            self._place(frame.f_code, line)
            for frame, line in walk_tb(error.__traceback__)
            if frame.f_code.co_filename in self._sources
        )
        return f" {text}" + (f" {stack}" if stack else "")

    def _place(self, code: CodeType, line: int) -> str:
        lines = self._sources[code.co_filename]
        source = f"    {lines[line - 1].strip()}\n" if 0 < line <= len(lines) else ""
        return f'  File "{code.co_filename}", line {line}, in {code.co_name}\n{source}'

    # Modules

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002  # as Python calls it
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Import something for a script: what `import` calls inside its modules."""
        if level and globals is not None:
            name = resolve_name("." * level + name, str(globals["__package__"]))
        top = name.partition(".")[0]
        if top not in self._modules and self._find(top) is None:
            return builtins.__import__(name, globals, locals, fromlist or ())
        with self._importing:  # scripts of a parallel may import at the same time
            module = self._load(name)
            for item in fromlist or ():
                if not hasattr(module, item) and self._find(f"{name}.{item}") is not None:
                    self._load(f"{name}.{item}")
        return module if fromlist else self._modules[top]

    def _load(self, name: str) -> ModuleType:
        if name in self._modules:
            return self._modules[name]
        package, _, last = name.rpartition(".")
        parent = self._load(package) if package else None
        found = self._find(name)
        if found is None:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        path, shown = found
        module = ModuleType(name)
        is_package = path.name == "__init__.py"
        module.__file__ = shown
        module.__package__ = name if is_package else package
        if is_package:
            module.__path__ = [str(path.parent)]
        vars(module)["__builtins__"] = self._builtins
        self._modules[name] = module
        try:
            exec(self._compile(path, shown), vars(module))  # noqa: S102  # from the configured folders only
        except BaseException:
            del self._modules[name]
            raise
        if parent is not None:
            setattr(parent, last, module)
        return module

    def _find(self, name: str) -> tuple[Path, str] | None:
        """Return the file of a module and how to show it; None where the folders have none."""
        inner = name.replace(".", "/")
        for folder in self._folders:
            root = folder.path.resolve()
            for file in (f"{inner}.py", f"{inner}/__init__.py"):
                try:
                    path = (root / file).resolve()
                    if path.is_relative_to(root) and path.is_file():
                        return path, f"{folder.shown.rstrip('/')}/{file}"
                except (OSError, ValueError):  # a name that no file can have
                    return None
        return None

    def _compile(self, path: Path, shown: str) -> CodeType:
        source = decode_source(path.read_bytes())
        self._sources[shown] = source.splitlines()
        try:
            return compile(source, shown, "exec", dont_inherit=True)
        except SyntaxError as error:
            translated = from_python_2(source)
            if translated is None:
                raise
            try:
                code = compile(translated, shown, "exec", dont_inherit=True)
            except SyntaxError:
                raise error from None
            _logger.warning(
                "%s is written in Python 2 and was translated; mind that 1 / 2 is 0.5 in Python 3", shown
            )
            return code


class Scripted(Generic[B_co]):
    """A place for an object of a script, which `ScanFiles.load` fills.

    Attributes:
        name: Its class.
        classes: Where that is loaded from.
        device_names: The devices that it uses.
    """

    def __init__(self, name: str, base: type[B_co], arguments: Sequence[str], classes: ScriptClasses) -> None:
        self.name = name
        self.classes: ScriptClasses = classes
        self.device_names: tuple[str, ...] = ()
        self._base = base
        self._arguments = arguments
        self._object: B_co | None = None
        self._failure: CommandFailed | None = None

    @property
    def object(self) -> B_co:
        """The object."""
        assert self._object is not None  # nothing is performed before all is loaded
        return self._object

    def load(self) -> None:
        """Construct the object, and ask it for its devices where it is a script.

        Raises:
            Refused: There is no such class, or it fails.
        """
        self._object = made = self.classes.construct(self.name, self._base, self._arguments)
        if isinstance(made, ScanScript):
            try:
                self.device_names = tuple(str(name) for name in made.getDeviceNames())
            except BaseException as error:  # noqa: BLE001  # the outermost edge of what others wrote
                self._failure = CommandFailed(f"{self.name}:{self.classes.explain(error)}")

    def check(self) -> None:
        """Make sure that the devices are known.

        Raises:
            CommandFailed: The script does not say which.
        """
        if self._failure is not None:
            raise self._failure

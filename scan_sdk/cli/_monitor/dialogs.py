"""What the monitor asks: whether it is meant so, for a file, and for a device; and its help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

__all__ = ["AskFile", "Choose", "Confirm", "Help"]


class Confirm(ModalScreen[bool]):
    """Asks whether something is really to be done. Enter does not do it, unless one goes to that button."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,q", "dismiss(False)", "No"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, *, yes: str, no: str) -> None:
        """Ask a question.

        Args:
            question: It.
            yes: What stands on the button that does it.
            no: What stands on the other one.
        """
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(classes="dialog"):
            yield Label(self._question, markup=False)
            with Horizontal(classes="buttons"):
                yield Button(f"{self._no} (n)", id="no")
                yield Button(f"{self._yes} (y)", id="yes", variant="error")

    def on_mount(self) -> None:
        """Begin with the button that does no harm."""
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "yes")


class AskFile(ModalScreen[None]):
    """Asks for a file of commands, until it was submitted or one gives up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel")]

    def __init__(self, submit: Callable[[str], Awaitable[str]]) -> None:
        """Ask for a file.

        Args:
            submit: What to do with its path; returns what is wrong, empty where nothing is.
        """
        super().__init__()
        self._submit = submit

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(classes="dialog"):
            yield Label("Submit a file of commands to the queue:")
            yield Input(placeholder="path of a file: .scn, .json, .yaml or .py", suggester=Paths())
            yield Static("Right completes, Enter submits, Escape leaves.", id="reason", markup=False)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Submit the file, and say what is wrong with it if anything is."""
        if not event.value.strip():
            return
        event.input.disabled = True  # Enter twice must not submit twice
        reason = await self._submit(event.value.strip())
        if not reason:
            self.dismiss()
            return
        event.input.disabled = False
        event.input.focus()
        told = self.query_one("#reason", Static)
        told.update(reason)
        told.add_class("wrong")


class Paths(Suggester):
    """Completes the path of a file."""

    def __init__(self) -> None:
        """Look at the disk each time: what is there changes."""
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first path that begins so, folders with a slash; None where there is none."""
        return _completed(value)


def _completed(begun: str) -> str | None:
    folder, slash, name = begun.rpartition("/")
    try:
        found = sorted(
            path.name + "/" * path.is_dir()
            for path in Path(folder + slash or ".").expanduser().iterdir()
            if path.name.startswith(name) and (name or not path.name.startswith("."))
        )
    except (OSError, RuntimeError):  # no such folder, or no such user
        return None
    return folder + slash + found[0] if found else None


class Choose(ModalScreen[str | None]):
    """Lets someone choose one of some names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Cancel"),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str], current: str) -> None:
        """Offer names.

        Args:
            title: What is to be chosen.
            names: The names.
            current: The one that it is now.
        """
        super().__init__()
        self._title = title
        self._names = tuple(names)
        self._current = current

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(classes="dialog"):
            yield Label(self._title)
            yield OptionList(*(Option(name) for name in self._names), markup=False)

    def on_mount(self) -> None:
        """Begin at what it is now."""
        if self._current in self._names:
            self.query_one(OptionList).highlighted = self._names.index(self._current)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(self._names[event.option_index])

    def action_step(self, steps: int) -> None:
        """Go to the next name, or to the one before."""
        names = self.query_one(OptionList)
        if steps > 0:
            names.action_cursor_down()
        else:
            names.action_cursor_up()


_HELP = """\
 ↑ ↓  k j       select a scan; so does the mouse
 f              go back to the scan that runs, and follow those after it
 p  r           pause the selected scan, resume it
 n              next: end what it does now, such as a delay
 a              abort it; asks
 [  ]           let a waiting scan begin earlier, later
 s              submit a file
 d              delete the selected scan and its data; asks
 c              clear: delete all scans that are done; asks
 x  y           choose what is drawn over, and what is drawn
 1  2  3        commands, plot, data: go there to scroll
 Tab            go to the next panel
 t              light or dark colours
 q              quit; scans go on

 … waits   ▶ runs   ‖ paused   ✓ finished   ✗ failed   ■ aborted
 ≡ logged: the server has no more than its data

 Bars and times left are estimates from what the commands do and how
 fast they went. A paused scan is taken to go on now.
"""


class Help(ModalScreen[None]):
    """Says what the keys and signs mean."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with VerticalScroll(classes="dialog help"):
            yield Static(_HELP, markup=False)

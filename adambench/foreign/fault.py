"""What an implementation can do wrong, on either side of the pipe."""

from __future__ import annotations

from adambench.errors import AdambenchError


class ImplementationError(AdambenchError):
    """Somebody else's optimizer failed; the message is one sentence that names it."""

    exit_code = 4


UNSAVED = "has a state that cannot be saved"
"""How the message of that Fault begins: it is no mistake, but such a state cannot be resumed."""


class Fault(Exception):
    """In the child: what the implementation did, as the rest of a sentence that starts with its name and the step."""

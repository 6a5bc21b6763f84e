"""Why a rehearsal or a recovery did not go ahead."""


class CannotRecover(RuntimeError):
    """Everything stays as it was; the message says why in plain words."""

"""What a person meets who may not do what he tried."""


class ActRefused(Exception):  # noqa: N818 - it is what happened to the person
    """Somebody may not do what he tried; `reason` is what he reads, `faults` what brought it about."""

    def __init__(self, reason: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.faults = faults

"""What the tests of this room share."""

from emulator.qbxml import Version, message_names, schema_of

FAST_VERSIONS = ("2.0", "13.0", "16.0")


def requests_at(number: str) -> list[str]:
    """Public requests of that version that are not subscriptions and that our edition has."""
    schema = schema_of(Version(number).schema_number)
    found = []
    for name in schema.requests():
        message = schema.message(name)
        assert message is not None
        if message.supported:
            found.append(name)
    return found


def answers_at(number: str) -> list[str]:
    """Public answers of that version."""
    schema = schema_of(Version(number).schema_number)
    return [name for name in message_names("Rs") if schema.message(name) is not None]

"""One codec for every message: elements to values and back, driven by the data, both for requests and for answers.

    element tree --decode--> {"CustomerRef": {"FullName": "Kristy Abercrombie"}, "TxnDate": "2026-03-01", ...} --encode--> lines

Shape of values: an aggregate is a dict in schema order. An element that may repeat is always a list. A repeated choice (line
lists) is one list of (element name, value) under the branch names joined by "|", so that the order between kinds of lines is
kept. XML attributes are keys with a leading "@"; a leaf with an attribute keeps its plain value and has the attribute beside it
as "Name@attribute". Leaves: see values.py; an empty one is None.
An empty element with children is an empty dict.
"""

from lxml import etree

from emulator.qbxml import status
from emulator.qbxml.diagnosis import line_of
from emulator.qbxml.escapes import escape_attribute, is_special
from emulator.qbxml.plan import Child, Plan, Shape
from emulator.qbxml.status import Status
from emulator.qbxml.values import BadValue, Value

Values = dict[str, object]
"""The content of an aggregate."""


def decode(
    element: etree._Element, plan: Plan, warnings: list[Status], *, drop_unsupported: bool = True, lenient: bool = False
) -> Values:
    """Read the children of an element that has passed the structure check.

    Args:
        element: a request, answer or aggregate.
        plan: its plan.
        warnings: gets a status 530 for every field of another edition.
        drop_unsupported: leave such fields out of the values.
        lenient: pass over unknown elements and keep text that does not convert, as a good client reads answers.

    Raises BadValue for the first text that does not convert.
    """
    values: Values = {}
    children = plan.children
    for each in element:
        name: str = each.tag
        child = children.get(name)
        if child is None:
            assert lenient, name  # the structure pass lets nothing unknown through
            continue
        if child.simple:
            try:
                values[name] = child.reader(each.text or "")
            except BadValue as bad:
                values[name] = _text_or_raise(each, bad, lenient)
            continue
        if not child.supported:
            warnings.append(status.of(530, field=name))
            if drop_unsupported:
                continue
        value: Value
        if child.plan is None:
            try:
                value = child.reader(each.text or "") if not child.attributes else _leaf_with_attributes(each, child, values)
            except BadValue as bad:
                value = _text_or_raise(each, bad, lenient)
        else:
            value = decode(each, child.plan, warnings, drop_unsupported=drop_unsupported, lenient=lenient)
            if child.plan.attributes and each.attrib:
                value = {**{f"@{key!s}": text for key, text in each.attrib.items()}, **value}
        if child.list_key:
            values.setdefault(child.list_key, []).append((name, value))  # type: ignore[attr-defined]
        elif child.repeats:
            values.setdefault(name, []).append(value)  # type: ignore[attr-defined]
        else:
            values[name] = value
    if plan.ranges and not lenient:
        for check in plan.ranges:
            check(values)
    return values


def _text_or_raise(element: etree._Element, bad: BadValue, lenient: bool) -> Value:
    if lenient:
        return element.text
    bad.line = line_of(element)
    raise bad


def records_of(values: Values, plan: Plan) -> list[tuple[str, object]]:
    """Lay the children of an answer out in their order, one (name, value) each."""
    records: list[tuple[str, object]] = []
    for key, value in values.items():
        child = plan.children.get(key)
        if child is None:
            assert isinstance(value, list), key
            records += value
        elif child.repeats:
            assert isinstance(value, list), key
            records += [(key, item) for item in value]
        else:
            records.append((key, value))
    return records


def _leaf_with_attributes(element: etree._Element, child: Child, values: Values) -> Value:
    for key, text in element.attrib.items():
        values[f"{child.name}@{key!s}"] = text
    text = element.text or ""
    # A macro stands in for the value (documented), so there is nothing to convert.
    return child.reader(text) if text or not element.attrib else None


def encode(values: Values, plan: Plan, out: list[str], *, empty: bool) -> None:
    """Append the lines of the values of an aggregate, one per tag, in schema order; what the version does not have is left out.

    Args:
        values: the content; any order of keys.
        plan: its plan.
        out: gets the lines.
        empty: write None as an empty element (requests); otherwise leave it out (answers never hold one: observed).
    """
    _encode(values, plan, plan.shape_of(values), out, empty)


def _encode(values: Values, plan: Plan, shape: Shape, out: list[str], empty: bool) -> None:
    for key, write_line, child in shape.steps:
        value = values[key]
        if write_line is not None and value is not None:
            out.append(write_line(value))
        elif child is None:
            for name, item in value:  # type: ignore[attr-defined]
                branch = plan.children.get(name)
                if branch is not None:
                    _encode_child(branch, item, out, empty)
        elif child.repeats:
            for item in value:  # type: ignore[attr-defined]
                _encode_child(child, item, out, empty)
        elif child.attributes:
            _encode_leaf_with_attributes(child, value, values, out, empty)
        else:
            _encode_child(child, value, out, empty)


def encode_child(plan: Plan, name: str, value: object, out: list[str], *, empty: bool) -> bool:
    """Append one child of an aggregate, such as one record of an answer; False when the version does not have it."""
    child = plan.children.get(name)
    if child is None:
        return False
    _encode_child(child, value, out, empty)
    return True


def _encode_child(child: Child, value: object, out: list[str], empty: bool) -> None:
    if value is None:
        if empty:
            out.append(child.opening + child.closing)
    elif child.plan is None:
        # An answer does not say what the version has no word for (inferred from leaving out its newer elements).
        if empty or not child.values or value in child.values:
            out.append(child.write_line(value))
    else:
        _encode_aggregate(child, child.plan, value, out, empty)


def _encode_aggregate(child: Child, plan: Plan, value: object, out: list[str], empty: bool) -> None:
    assert isinstance(value, dict), f"{child.name} holds {value!r}"
    shape = plan.shape_of(value)
    if shape.template:
        texts = shape.texts(value)
        try:
            plain = not is_special("".join(texts))
        except TypeError:  # something else than a text, such as None
            plain = False
        if plain:
            out.append(f"{child.opening}\n{shape.template % texts}\n{child.closing}")
            return
    attributes = ""
    if plan.attributes:
        attributes = "".join(
            f' {name}="{escape_attribute(value[at])}"' for name in plan.attributes if (at := f"@{name}") in value
        )
    place = len(out)
    out.append(f"<{child.name}{attributes}>" if attributes else child.opening)
    _encode(value, plan, shape, out, empty)
    if len(out) == place + 1:
        out[place] = f"<{child.name}{attributes} />"  # nothing inside: closed at once, with a space (observed on answers)
    else:
        out.append(child.closing)


def _encode_leaf_with_attributes(child: Child, value: object, values: Values, out: list[str], empty: bool) -> None:
    attributes = "".join(
        f' {name}="{escape_attribute(str(values[key]))}"'
        for name in child.attributes
        if (key := f"{child.name}@{name}") in values
    )
    line = child.opening + child.closing if value is None else child.write_line(value)
    if value is not None or empty or attributes:
        out.append(line.replace(child.opening, f"<{child.name}{attributes}>", 1))

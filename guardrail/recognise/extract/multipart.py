"""multipart/form-data (RFC 7578): the text fields by name; files give their file name only."""

from __future__ import annotations

from guardrail.recognise.extract.urltext import MAX_FIELDS

_MAX_HEAD = 4096


def boundary_of(content_type: str) -> str | None:
    """Give the boundary that a Content-Type names; None where it names none."""
    for part in content_type.split(";")[1:]:
        key, _, value = part.strip().partition("=")
        if key.lower() == "boundary":
            return value.strip().strip('"') or None
    return None


def split_multipart(body: bytes, boundary: str) -> dict[str, list[str]] | None:
    """Give each field's values as text; None where the boundary never stands in the body.

    Shapes: a part without a file name gives its text (UTF-8), a file gives the name of the file.
    """
    parts = body.split(b"--" + boundary.encode("utf-8", "replace"), MAX_FIELDS)
    if len(parts) == 1:
        return None
    out: dict[str, list[str]] = {}
    for part in parts[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
        name, filename = _names(head[:_MAX_HEAD])
        if name is not None:
            text = filename if filename is not None else content.removesuffix(b"\r\n").decode("utf-8", "replace")
            out.setdefault(name, []).append(text)
    return out


def _names(head: bytes) -> tuple[str | None, str | None]:
    name = filename = None
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            for item in value.split(";")[1:]:
                label, _, text = item.strip().partition("=")
                if label.lower() == "name":
                    name = text.strip('"')
                elif label.lower() == "filename":
                    filename = text.strip('"')
    return name, filename

"""What a form sent: texts by name, in order, and files; bounded in number and size before anything is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from posology.errors import UsageError
from posology.serve.problem import Refused

MOST_FIELDS = 1000


@dataclass(slots=True)
class Fields:
    """The fields of one form. A field that is not there is empty."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first text of this name, without blanks around it."""
        found = self.texts.get(name)
        return found[0].strip() if found else ""

    def all(self, name: str) -> list[str]:
        """Every text of this name, in the order of the form."""
        return [each.strip() for each in self.texts.get(name, ())]

    def starting(self, prefix: str) -> dict[str, str]:
        """Texts of the names that begin so, by the rest of the name; empty ones are left out."""
        found = {name.removeprefix(prefix): self.get(name) for name in self.texts if name.startswith(prefix)}
        return {name: text for name, text in found.items() if text}

    def chosen(self, name: str, choices: tuple[str, ...]) -> str:
        """One of these choices, the first one if nothing was chosen; raises `UsageError` for anything else."""
        given = self.get(name) or choices[0]
        if given not in choices:
            raise UsageError(f"'{name}' takes one of {', '.join(choices)}")
        return given


async def sent(request: Request, most_bytes: int) -> Fields:
    """The fields of a request's body; raises `Refused` for a body that is no form, or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise Refused(
            415, "Send what a form sends: multipart/form-data or application/x-www-form-urlencoded."
        )
    found = Fields()
    try:
        async with request.form(max_files=4, max_fields=MOST_FIELDS, max_part_size=most_bytes) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if value.size is not None and value.size > most_bytes:
                        raise Refused(413, f"The file is larger than {most_bytes} bytes.")
                    if not value.filename:  # a field for a file in which none was chosen
                        continue
                    if name in found.files:
                        raise Refused(400, f"Two files were sent as '{name}'; give one record at a time.")
                    found.files[name] = await value.read()
                else:
                    found.texts.setdefault(name, []).append(value)
    except HTTPException as wrong:
        raise Refused(400, f"The form cannot be read: {wrong.detail}") from None
    return found

"""A call as it came over HTTP, turned into typed values; and the refusal of one."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from emulator.description import Description, Entry, Json, Upload

ATTACH = "attach://"


class Refused(Exception):
    """A call that Telegram answers with an error; a breach is the caller's own fault."""

    def __init__(self, status: int, description: str, *, breach: bool = False, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.breach = breach
        self.parameters = parameters


@dataclass
class Call:
    """One call of a method: what was asked, and how it was answered."""

    method: str
    values: Json
    files: dict[str, Upload] = field(default_factory=dict)
    status: int = 0
    answer: Any = None
    at: float = field(default_factory=time.time)  # when it came

    @property
    def chat_id(self) -> int | None:
        chat_id = self.values.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None

    def file(self, reference: object) -> Upload | None:
        """The uploaded file that a parameter is or points to."""
        if isinstance(reference, Upload):
            return reference
        if isinstance(reference, str) and reference.startswith(ATTACH):
            return self.files.get(reference.removeprefix(ATTACH))
        return None


async def read_call(request: Request, method: Entry, description: Description) -> Call:
    """Read the query and the body, give each parameter its described type, check it."""
    call = Call(method.name, {name: value for name, value in request.query_params.items()})
    texts = dict(call.values)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/json":
        call.values = {**typed_all(texts, method), **await read_json(request)}
    elif kind == "multipart/form-data":
        await read_parts(request, call, texts, method)
    else:
        body = (await request.body()).decode("utf-8")
        texts.update(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)))
        call.values = typed_all(texts, method)
    problems = description.problems_of_call(method, call.values) + unused_files(call)
    if problems:
        raise Refused(400, "Bad Request: " + "; ".join(problems), breach=True)
    return call


async def read_json(request: Request) -> Json:
    """The body of a JSON call."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise Refused(400, "Bad Request: can't parse JSON object", breach=True) from error
    if not isinstance(body, dict):
        raise Refused(400, "Bad Request: object expected as request body", breach=True)
    return body


async def read_parts(request: Request, call: Call, texts: dict[str, str], method: Entry) -> None:
    """The parts of a multipart call: texts and files."""
    async with request.form() as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                call.files[name] = Upload(part.filename or name, await part.read())
            else:
                texts[name] = part
    uploads = {name: upload for name, upload in call.files.items() if name in method.fields}
    call.values = {**typed_all(texts, method), **uploads}


def unused_files(call: Call) -> list[str]:
    """Every file must be a parameter or be named by `attach://`, and the other way round."""
    named = {item.removeprefix(ATTACH) for item in strings(call.values) if item.startswith(ATTACH)}
    spare = call.files.keys() - call.values.keys() - named
    return [f"{call.method}: file {name} is not used" for name in sorted(spare)] + [
        f"{call.method}: attached file {name} is missing" for name in sorted(named - set(call.files))
    ]


def strings(value: object) -> list[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in strings(item)]


def typed_all(texts: dict[str, str], method: Entry) -> Json:
    """Give the texts of a form the types that the description promises."""
    return {
        name: typed(text, method.fields[name].types) if name in method.fields else text for name, text in texts.items()
    }


def typed(text: str, types: tuple[str, ...]) -> Any:
    """A form's text as the first described type that takes it; else the text itself."""
    for name in types:
        if name in ("String", "InputFile"):
            continue
        try:
            value = json.loads(text)
        except ValueError:
            continue
        if fits(value, name):
            return value
    return text


def fits(value: object, name: str) -> bool:
    """Whether decoded JSON may stand for this type; nested fields are checked later."""
    if name == "Boolean":
        return isinstance(value, bool)
    if name in ("Integer", "Float"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, list if name.startswith("Array of ") else dict)

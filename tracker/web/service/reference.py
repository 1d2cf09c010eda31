"""The API as a page to read: every route with its parameters, body, answers, from its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.http.context import Context
from tracker.http.description import TAGS, described
from tracker.web.page.rendering import page

router = APIRouter(include_in_schema=False)
SCHEMAS = "#/components/schemas/"
TAG_NAMES = {
    "self": "本人与词汇",
    "organizations": "组织",
    "figures": "得分与排名",
    "records": "活动记录",
    "evidence": "佐证材料",
    "rectifications": "整改",
    "cycles": "抽查",
    "documents": "标准与办法",
    "audit": "审计日志",
    "accounts": "账号与令牌",
    "imports": "批量与导入",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body or an answer."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One route with its method."""

    method: str
    path: str
    tag: str
    about: str
    parameters: list[dict[str, Any]]
    body: list[Field]
    media: list[str]
    answers: list[tuple[str, str]]
    answer: list[Field]

    @property
    def anchor(self) -> str:
        """Where on the page it stands."""
        return f"{self.method}-{self.path}".replace("/", "-").replace("{", "").replace("}", "")


@router.get("/api/v1/docs")
def show(context: Context) -> Response:
    """The reference."""
    document = described(context.request.app)
    operations = [
        _operation(document, path, method, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    return page(
        context,
        "service/reference.html",
        statuses=sorted(
            {one for operation in operations for one in operation.answers if one[0] >= "4"}
        ),
        about=[part.split("\n") for part in document["info"]["description"].split("\n\n")],
        tags=[
            (name, context.t(TAG_NAMES[name], name), text, [o for o in operations if o.tag == name])
            for name, text in TAGS
        ],
    )


def _operation(document: dict[str, Any], path: str, method: str, one: dict[str, Any]) -> Operation:
    content = one.get("requestBody", {}).get("content", {})
    good = next(status for status in one["responses"] if status.startswith("2"))
    answered = one["responses"][good].get("content", {}).get("application/json", {})
    return Operation(
        method.upper(),
        path,
        one["tags"][0],
        one.get("description", one.get("summary", "")),
        [
            {
                "name": given["name"],
                "in": given["in"],
                "kind": kind_of(given["schema"]),
                "required": given.get("required", False),
                "about": given.get("description", ""),
            }
            for given in one.get("parameters", [])
        ],
        _fields(document, content.get("application/json", {}).get("schema", {})),
        [] if "application/json" in content else sorted(content),
        [(status, found["description"]) for status, found in one["responses"].items()],
        _fields(document, answered.get("schema", {})),
    )


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    """The fields of a schema, those of the items where it is a list or a page of them."""
    shape = _resolved(document, schema)
    if shape.get("type") == "array":
        shape = _resolved(document, shape["items"])
    items = shape.get("properties", {}).get("items")
    if items is not None and "next" in shape["properties"]:
        shape = _resolved(document, items["items"])
    required = set(shape.get("required", ()))
    return [
        Field(name, kind_of(one), name in required, one.get("description", ""))
        for name, one in shape.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix(SCHEMAS)
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def kind_of(schema: dict[str, Any]) -> str:
    """The kind of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(SCHEMAS)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind_of(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type", "any"))

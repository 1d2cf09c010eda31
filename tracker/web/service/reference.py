"""The API reference: every route with parameters, body and answers, from the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.http.context import Context
from tracker.http.description import TAGS, openapi_document
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
    """One field of a request or response body."""

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
        """The fragment of its place on the page."""
        return f"{self.method}-{self.path}".replace("/", "-").replace("{", "").replace("}", "")


@router.get("/api/v1/docs")
def show_reference(context: Context) -> Response:
    """Show the reference."""
    document = openapi_document(context.request.app)
    operations = [
        _describe_operation(document, path, method, description)
        for path, methods in document["paths"].items()
        for method, description in methods.items()
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


def _describe_operation(
    document: dict[str, Any], path: str, method: str, description: dict[str, Any]
) -> Operation:
    content = description.get("requestBody", {}).get("content", {})
    good = next(status for status in description["responses"] if status.startswith("2"))
    answered = description["responses"][good].get("content", {}).get("application/json", {})
    return Operation(
        method.upper(),
        path,
        description["tags"][0],
        description.get("description", description.get("summary", "")),
        [
            {
                "name": parameter["name"],
                "in": parameter["in"],
                "kind": value_kind(parameter["schema"]),
                "required": parameter.get("required", False),
                "about": parameter.get("description", ""),
            }
            for parameter in description.get("parameters", [])
        ],
        _list_fields(document, content.get("application/json", {}).get("schema", {})),
        [] if "application/json" in content else sorted(content),
        [
            (status, response["description"])
            for status, response in description["responses"].items()
        ],
        _list_fields(document, answered.get("schema", {})),
    )


def _list_fields(document: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    """Return the fields of a schema, or of its items if it is a list or a page of a list."""
    shape = _resolve(document, schema)
    if shape.get("type") == "array":
        shape = _resolve(document, shape["items"])
    items = shape.get("properties", {}).get("items")
    if items is not None and "next" in shape["properties"]:
        shape = _resolve(document, items["items"])
    required = set(shape.get("required", ()))
    return [
        Field(name, value_kind(shape), name in required, shape.get("description", ""))
        for name, shape in shape.get("properties", {}).items()
    ]


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix(SCHEMAS)
    resolved: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return resolved


def value_kind(schema: dict[str, Any]) -> str:
    """Return the kind of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(SCHEMAS)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(value_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"[{value_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type", "any"))

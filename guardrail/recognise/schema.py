"""The shape of a site file: what stands in the YAML, before anything is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from guardrail.model.action import ActionKind, Confidence

SiteKind = Literal["social", "search", "assistants", "people", "reviews"]
KINDS: tuple[SiteKind, ...] = get_args(SiteKind)
Tells = Literal[
    "linkedin_profile_view", "story_view", "connect_notice", "follow_notice", "react_notice", "message_notice", "none"
]
SubjectField = Literal["query", "id", "alt_id", "handle", "name"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def _listed(value: Any) -> Any:
    """Take one text (or number) for a list of one."""
    values = value if isinstance(value, list) else [value]
    return [str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in values]


def _wanted(value: Any) -> Any:
    return value if isinstance(value, bool) else _listed(value)


class Surface(StrEnum):
    """The way on which an action travels: pages, pages for phones, apps, the official interface, a WebSocket."""

    WEB = "web"
    MOBILE = "mobile"
    APP = "app"
    API = "api"
    SOCKET = "socket"


def _unseen(key: str) -> str:
    """Check one key of `unseen`: an action or `*`, and a surface if it is about one only."""
    action, _, surface = key.partition(" ")
    if action != "*" and action not in list(ActionKind):
        raise ValueError(f"`{action}` is no action; write one, or `*` for all")
    if surface and surface not in list(Surface):
        raise ValueError(f"`{surface}` is no surface; there are {', '.join(Surface)}")
    return key


def _example(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    method, space, url = value.partition(" ")
    return {"method": method, "url": url} if space and method.isupper() else {"url": value}


type Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
type Unseen = dict[Annotated[str, AfterValidator(_unseen)], str]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExampleSpec(_Strict):
    """A request: `url` (from `/` on means the site's first host), and a body as form, JSON or text."""

    url: str
    method: Method | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    form: dict[str, Any] | None = None
    body_json: Any = Field(None, alias="json")
    body: str | None = None
    expect: dict[SubjectField | Literal["actor"], Annotated[str, BeforeValidator(lambda v: _listed(v)[0])]] = Field(
        default_factory=dict
    )
    why: str | None = None


class ExamplesSpec(_Strict):
    """What the compiler runs: requests that the recogniser must take, and such that it must leave."""

    match: tuple[Annotated[ExampleSpec, BeforeValidator(_example)], ...] = Field(min_length=1)
    ignore: tuple[Annotated[ExampleSpec, BeforeValidator(_example)], ...] = Field(min_length=1)


class WhenSpec(_Strict):
    """What a request must be."""

    method: Annotated[tuple[Method, ...], BeforeValidator(_listed)] = ("GET",)
    host: Texts | None = None
    path: Annotated[Texts, Field(min_length=1)]
    hint: Texts = ()
    operation: Literal[False] | Texts | None = None
    page: bool = False
    where: dict[str, Annotated[bool | tuple[str, ...], BeforeValidator(_wanted)]] = Field(default_factory=dict)


class TakeSpec(_Strict):
    """Where the parts of the subject stand, and the actor; each a list of pipelines, the first that gives wins."""

    query: Texts | None = None
    id: Texts | None = None
    alt_id: Texts | None = None
    handle: Texts | None = None
    name: Texts | None = None
    actor: Texts | None = None


class RecogniserSpec(_Strict):
    """One recogniser. It has an `action`, or it `routes` to another address of the site."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    action: ActionKind | None = None
    route: Texts | None = None
    when: WhenSpec
    take: TakeSpec = TakeSpec()
    needs: Annotated[tuple[SubjectField, ...] | None, BeforeValidator(lambda v: None if v is None else _listed(v))] = (
        None
    )
    own: bool | None = None
    silence: str | None = None
    tells: Tells = "none"
    confidence: Confidence = Confidence.HIGH
    examples: ExamplesSpec


class BesideSpec(_Strict):
    """What a recognised action is as well, where its request says so: a message with a link to a review page."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    of: tuple[ActionKind, ...] = Field(min_length=1)
    action: ActionKind
    where: dict[str, Annotated[bool | tuple[str, ...], BeforeValidator(_wanted)]] = Field(min_length=1)
    confidence: Confidence = Confidence.HIGH


class TextFieldSpec(_Strict):
    """A text between two marks of an answer."""

    after: str = Field(min_length=1)
    before: str = Field(min_length=1)


class ShapeSpec(_Strict):
    """An object or list of an answer that is a person. `has`: keys that the object must have."""

    has: Texts = ()
    where: dict[str, Annotated[bool | tuple[str, ...], BeforeValidator(_wanted)]] = Field(default_factory=dict)
    id: Texts | None = None
    handle: Texts | None = None
    name: Texts | None = None
    alias: Texts | None = None


class TextShapeSpec(_Strict):
    """A stretch of an answer's text that is a person: it begins where `id` (or else the first mark) stands."""

    id: TextFieldSpec | str | None = None
    handle: TextFieldSpec | str | None = None
    name: TextFieldSpec | str | None = None
    repeat: bool = True


class LearnSpec(_Strict):
    """How the site's answers teach who is behind an id or a handle."""

    answers: tuple[Literal["json", "html", "script", "flight"], ...] = ("json",)
    path: Texts = ()
    skip: Texts = ()
    objects: tuple[ShapeSpec, ...] = ()
    lists: tuple[ShapeSpec, ...] = ()
    texts: tuple[TextShapeSpec, ...] = ()


class AbsentSpec(_Strict):
    """Actions that a site does not offer (`on`: on these surfaces), and why: for the coverage table."""

    actions: tuple[ActionKind, ...] = Field(min_length=1)
    on: tuple[Surface, ...] = tuple(Surface)
    why: str


class _FileSpec(_Strict):
    """What a site says, and a fragment may say for it."""

    suffixes: Texts = ()
    reserved: dict[str, Texts] = Field(default_factory=dict)
    actor: Texts = ()
    operation: Texts = ()
    recognisers: tuple[RecogniserSpec, ...] = ()
    learn: LearnSpec | None = None
    unseen: Unseen = Field(default_factory=dict)
    absent: tuple[AbsentSpec, ...] = ()


class FragmentSpec(_FileSpec):
    """What several sites share; a site takes it over with `include`, every site of its `kind` without that."""

    fragment: str
    kind: SiteKind | None = None
    beside: tuple[BesideSpec, ...] = ()


class SiteSpec(_FileSpec):
    """A whole site file."""

    site: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str
    hosts: Annotated[Texts, Field(min_length=1)]
    accounts: Texts = ()
    include: Texts = ()
    surfaces: dict[Surface, Texts] = Field(default_factory=dict)


def known_keys() -> tuple[str, ...]:
    """Give every key that a site file may hold, for hints at misspelt ones."""
    fields = (item for model in _below(_Strict) for item in model.model_fields.items())
    return tuple(dict.fromkeys(field.alias or name for name, field in fields))


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _below(one)

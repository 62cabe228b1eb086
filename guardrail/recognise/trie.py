"""Paths of one method on one host as a trie of segments; at its leaves, recognisers by operation name."""

from __future__ import annotations

from collections.abc import Mapping

from guardrail.recognise.extract.urltext import joined, split_path
from guardrail.recognise.junction import MAX_NAME, MAX_REMEMBERED, Candidate, Entry, Group, Junction
from guardrail.recognise.pipeline import Pipeline
from guardrail.recognise.recogniser import Recogniser, operation_names, stands_in
from guardrail.recognise.template import Slot, Template
from guardrail.recognise.view import View

_NONE: Mapping[str, str] = {}


class Leaf:
    """What ends at one place of the trie with one template."""

    __slots__ = ("_bare", "_by_name", "_hinted", "_hints", "_named", "_plain", "_sources", "_template", "_unnamed")

    def __init__(self, template: Template, sources: tuple[Pipeline, ...]) -> None:
        """Start empty; `sources` are the site's own places for operation names."""
        self._template = template
        self._sources = sources
        self._bare = not template.open_ended and not any(isinstance(part, Slot) for part in template.parts)
        self._plain: list[tuple[Recogniser, int]] = []
        self._named: list[tuple[Recogniser, int]] = []
        self._unnamed: list[tuple[Recogniser, int]] = []
        self._hints: tuple[str, ...] = ()
        self._hinted = False
        self._by_name: dict[str, tuple[tuple[Recogniser, int], ...]] = {}

    def fits(self, template: Template, sources: tuple[Pipeline, ...]) -> bool:
        """Whether a recogniser with this template and these places for operation names belongs here."""
        return self._template == template and self._sources is sources

    def add(self, recogniser: Recogniser, position: int) -> None:
        """Take a recogniser whose template number `position` ends here."""
        plain = self._unnamed if recogniser.unnamed else self._plain
        (plain if recogniser.operation is None else self._named).append((recogniser, position))
        everyone = [one for one, _ in (*self._plain, *self._unnamed, *self._named)]
        self._hinted = any(one.hints for one in everyone)
        self._hints = (
            tuple({hint for one in everyone for hint in one.hints}) if all(one.hints for one in everyone) else ()
        )

    def candidates(self, view: View, out: list[Candidate]) -> None:
        """Append the candidates for a request whose path ends here, and has one of `hints` if there are any."""
        at = len(out)
        self._collect(view, out)
        if self._hinted:
            out[at:] = [candidate for candidate in out[at:] if candidate[2].hinted(view)]

    def stand(self, segments: tuple[str, ...], plain: list[Entry], named: list[Entry], unnamed: list[Entry]) -> None:
        """Add who stands here for this very path."""
        captures = _NONE if self._bare else self._template.match(segments)
        lowered = joined(segments)
        for group, out in ((self._plain, plain), (self._named, named), (self._unnamed, unnamed)):
            if captures is not None:
                out += [(one, position, captures) for one, position in group if one.hinted_in(lowered)]

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints of all who stand here, one of which must stand in the path; none where somebody asks for none."""
        return self._hints

    @property
    def sources(self) -> tuple[Pipeline, ...]:
        """The site's own places for operation names."""
        return self._sources

    def _collect(self, view: View, out: list[Candidate]) -> None:
        captures = _NONE if self._bare else self._template.match(view.segments)
        if captures is None:  # pragma: no cover  the trie and the template say the same
            return
        out += [(one.rank, position, one, captures, None) for one, position in self._plain]
        if not self._named and not self._unnamed:
            return
        view.unread = False
        names = operation_names(self._sources, view, captures)
        if view.unread:  # the part that cannot be read may name any of them
            out += [(one.rank, position, one, captures, None) for one, position in self._named]
        if not names:
            out += [(one.rank, position, one, captures, None) for one, position in self._unnamed]
        for name in names:
            out += [(one.rank, position, one, captures, name) for one, position in self._accepting(name)]

    def _accepting(self, name: str) -> tuple[tuple[Recogniser, int], ...]:
        """Give who accepts the operation `name`; remembered, so that globs are tried once per name."""
        found = self._by_name.get(name)
        if found is None:
            found = tuple(entry for entry in self._named if entry[0].operation is None or entry[0].operation(name))
            if len(self._by_name) < MAX_REMEMBERED and len(name) < MAX_NAME:
                self._by_name[name] = found
        return found


class Paths:
    """All paths of one method on one host: the fixed ones by their text, all others through the trie."""

    __slots__ = ("_fixed", "_hinted", "_junctions", "_trie")

    def __init__(self) -> None:
        """Start empty."""
        self._trie = Trie()
        self._hinted = False
        self._fixed: dict[str, tuple[str, ...]] = {}
        self._junctions: dict[str, Junction] = {}

    def add(self, recogniser: Recogniser) -> None:
        """Enter every template of `recogniser`; before any path is asked for."""
        self._trie.add(recogniser)
        self._hinted = self._hinted or bool(recogniser.hints)
        for template in recogniser.templates:
            if not any(isinstance(part, Slot) for part in template.parts):
                path = "/" + "/".join(map(str, template.parts))
                segments = split_path(path)
                if segments == template.parts:  # written so, it is that path and no other
                    self._fixed[path] = self._fixed[path.rstrip("/") + "/"] = segments

    def junction(self, path: str) -> Junction | None:
        """Give what stands at a raw path, if it is one of the fixed ones."""
        segments = self._fixed.get(path)
        if segments is None:
            return None
        found = self._junctions.get(path)
        if found is None:
            found = self._junctions[path] = self._made(segments)
        return found

    def leaves(self, segments: tuple[str, ...]) -> list[Leaf]:
        """Give every leaf whose template fits a split path, and one of whose hints, if there are any, stands in it."""
        found = self._trie.leaves(segments)
        if not self._hinted:
            return found
        path = joined(segments)
        return [leaf for leaf in found if not leaf.hints or stands_in(leaf.hints, path)]

    def _made(self, segments: tuple[str, ...]) -> Junction:
        plain: list[Entry] = []
        groups: dict[tuple[object, ...], tuple[tuple[Pipeline, ...], list[Entry], list[Entry]]] = {}
        for leaf in self._trie.leaves(segments):
            named: list[Entry] = []
            unnamed: list[Entry] = []
            leaf.stand(segments, plain, named, unnamed)
            if named or unnamed:
                captures = (named or unnamed)[0][2]
                # what names an operation: the site's own places, and what the path says in those of them
                spoken = any(one.placed for one in leaf.sources)
                said = sorted(captures.items()) if spoken else [captures.get("operation")]
                place = (tuple(one.text for one in leaf.sources), *said)
                group = groups.setdefault(place, (leaf.sources, [], []))
                group[1].extend(named)
                group[2].extend(unnamed)
        return Junction(segments, plain, [Group(*group) for group in groups.values()])


class Trie:
    """A node of the trie: literal segments by text, slots one by one, and what ends here."""

    __slots__ = ("ends", "literals", "opens", "slots")

    def __init__(self) -> None:
        """Start empty."""
        self.literals: dict[str, Trie] = {}
        self.slots: dict[Slot, Trie] = {}
        self.ends: list[Leaf] = []
        self.opens: list[Leaf] = []

    def add(self, recogniser: Recogniser) -> None:
        """Enter every template of `recogniser`."""
        for position, template in enumerate(recogniser.templates):
            node = self
            for part in template.parts:
                node = node.child(part)
            node.leaf(template, recogniser.operation_sources).add(recogniser, position)

    def leaves(self, segments: tuple[str, ...]) -> list[Leaf]:
        """Give every leaf whose template fits a split path."""
        out: list[Leaf] = []
        self.collect(segments, 0, out)
        return out

    def child(self, part: str | Slot) -> Trie:
        """Give the node below for one segment of a template; made where it is missing."""
        found = self.literals.get(part) if isinstance(part, str) else self.slots.get(part)
        if found is None:
            found = Trie()
            if isinstance(part, str):
                self.literals[part] = found
            else:
                self.slots[part] = found
        return found

    def leaf(self, template: Template, sources: tuple[Pipeline, ...]) -> Leaf:
        """Give the leaf for a template that ends here; made where it is missing."""
        leaves = self.opens if template.open_ended else self.ends
        for leaf in leaves:
            if leaf.fits(template, sources):
                return leaf
        leaves.append(Leaf(template, sources))
        return leaves[-1]

    def collect(self, segments: tuple[str, ...], at: int, out: list[Leaf]) -> None:
        """Append the leaves that fit `segments` from number `at` on."""
        node: Trie | None = self
        while node is not None:
            out += node.opens
            if at == len(segments):
                out += node.ends
                return
            segment = segments[at]
            at += 1
            for slot, child in node.slots.items():
                if slot.value(segment) is not None:
                    child.collect(segments, at, out)
            node = node.literals.get(segment.lower()) if node.literals else None

"""One episode in plain words, for a client's file: what happened, and what its record is worth.

Gives a document as plain data, which `pdf` sets; every text in it is data, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, get_timezone_gmt

from guardrail.language import LOCALES, Times, catalogue, site_name
from guardrail.ledger.export import words
from guardrail.ledger.export.blocks import Block, plain, section
from guardrail.ledger.export.episode import Episode, Leave, Owed, Told
from guardrail.ledger.export.labels import Labels
from guardrail.ledger.export.worth import Proof, worth
from guardrail.model.entry import EntryKind, Json

_DISCUSS = "discuss"


@dataclass(frozen=True, slots=True)
class Report:
    """An episode as a document; `keyed`: it was made with a reader's key.

    Without a proof it tells the episode alone, and not what its record is worth.
    """

    episode: Episode
    proof: Proof | None
    labels: Labels
    times: Times
    made: datetime
    keyed: bool

    def document(self) -> dict[str, Json]:
        """Give the document: title, facts, status, and sections of blocks."""
        clients = ", ".join(self.episode.clients)
        sections = [self._seen(), self._why(), *self._tried(), self._answered(), *self._done()]
        sections += [*self._discussed(), *self._owed(), *self._reviewed()]
        if self.proof is not None:
            sections.append(worth(self.episode, self.proof, self.times, self.say))
        return {
            "lang": self.times.language,
            "title": self.say("Record of one episode"),
            "subtitle": self.say("Client %(client)s", client=clients) if clients else self.say("No client was named"),
            "facts": self._facts(),
            "status": self._status(),
            "sections": [*sections],
            "footer": self.say("Confidential: part of a client’s record"),
            "page": self.say("page"),
            "of": self.say("of"),
        }

    def say(self, text: str, /, **parts: str) -> str:
        """Give a text in the report's language."""
        said: str = catalogue("guardrail.ledger.export", self.times.language).gettext(text)
        return said % parts if parts else said

    def _facts(self) -> list[Json]:
        opened = self.episode.opening.entry
        facts = [
            (self.say("Clinic"), self.labels.clinic),
            (self.say("Clinician"), opened.clinician),
            (self.say("Workstation"), opened.workstation),
            (self.say("Episode"), self.episode.hold),
            (self.say("Report made"), self._when(self.made)),
            (
                self.say("Time zone"),
                get_timezone_gmt(self.times.local(self.made), "long", LOCALES[self.times.language]),
            ),
        ]
        return [[name, value] for name, value in facts if value]

    def _status(self) -> dict[str, Json]:
        open_ends: list[Json] = []
        if self.episode.ending is None:
            open_ends.append(self.say("Nobody has answered the question yet."))
        for leave in self.episode.leaves:
            ends = leave.issued.moment("expires_at")
            if leave.over is None and ends:
                when = self._when(ends)
                open_ends.append(self.say("The leave is not recorded as over; its latest end: %(when)s", when=when))
        for duty in self.episode.duties:
            if duty.done is None:
                text = self.say("Late: %(what)s") if duty.late else self.say("Still owed: %(what)s")
                open_ends.append(text % {"what": self._duty(duty)})
        title = self.say("This episode is finished.")
        if self.episode.unfinished:
            title = self.say("This episode is not finished.")
        return {"finished": not self.episode.unfinished, "title": title, "items": open_ends, "notes": self._closed()}

    def _closed(self) -> list[Json]:
        """Say what of it cannot be read here, and why."""
        notes: list[Json] = []
        closed = [one for one in self.episode.told if one.typed is None and not one.destroyed]
        if closed and not self.keyed:
            notes.append(
                self.say(
                    "What was typed is closed in this copy, which was made without a reader’s key: the words searched "
                    "for, the account of what happened, and what was written about the duties."
                )
            )
        elif closed:
            notes.append(self.say("Some of what was typed is closed to the key with which this copy was made."))
        if any(one.destroyed for one in self.episode.told):
            notes.append(self.say("Some of what was typed was destroyed when its time of keeping was over."))
        return notes

    def _seen(self) -> Block:
        told = self.episode.opening
        entry = told.entry
        who = {"who": entry.clinician or self.say("Somebody"), "site": site_name(entry.site or "?")}
        about = words.ABOUT_TO.get(entry.action or "", "%(who)s: %(site)s")
        blocks = [self._dated(entry.at, self.say(about, **who))]
        blocks.append(plain(self.say("guardrail stopped it before anything was sent to the site.")))
        population = words.POPULATIONS.get(str(told.detail("population")))
        of_first = self.episode.only in {None, entry.client_ref}  # it is the first client of whom the entry says it
        if population is not None and of_first:
            how = words.RECOGNISED.get(str(told.detail("match")))
            parts = [self.say(population), *([self.say(how)] if how else [])]
            blocks.append(plain(self.say("It was about %(whom)s.", whom=", ".join(parts))))
        if self.episode.only is not None:
            blocks.append(plain(self.say("It could mean other people too, who are left out of this report.")))
        blocks += self._typed(told, words.SEEN)
        return section(self.say("What was seen"), blocks)

    def _why(self) -> Block:
        opened = self.episode.opening
        rule = opened.entry.rule or ""
        verdict = words.VERDICTS.get(str(opened.detail("verdict")))
        blocks = [plain(self.say(verdict))] if verdict else []
        facts: list[Json] = [[self.say("Rule"), self.labels.of("rule", rule, "title") or rule]]
        clause = self.labels.of("rule", rule, "clause")
        if clause:
            facts.append([self.say("Clause"), clause])
        if opened.entry.policy_revision:
            facts.append([self.say("Policy revision"), opened.entry.policy_revision])
        blocks.append({"kind": "facts", "rows": facts})
        if self.labels.revision and self.labels.revision != opened.entry.policy_revision:
            blocks.append(plain(self.say("The wording of the policy here is that of a later or an earlier revision.")))
        return section(self.say("Why it was stopped"), blocks)

    def _tried(self) -> list[Block]:
        told = self.episode.ending
        if told is None or told.entry.kind is not EntryKind.JUSTIFIED:
            return []
        means = told.detail("means")
        codes = [one for one in means if isinstance(one, str)] if isinstance(means, list) else []
        when = (told.typed or {}).get("means_when")
        times: Mapping[str, Json] = when if isinstance(when, dict) else {}
        rows = [
            self.say("%(means)s: %(when)s", means=label, when=str(times[code])) if code in times else label
            for code in codes
            for label in [self._answer(told, "means", code)]
        ]
        if told.detail("no_time"):
            rows.append(self._answer(told, "no_time", "no_time"))
        if not rows:
            return []
        return [section(self.say("What was tried first"), [{"kind": "list", "items": [*rows]}])]

    def _answered(self) -> Block:
        told = self.episode.ending
        heading = self.say("What was answered")
        if told is None:
            return section(heading, [plain(self.say("Nobody has answered yet. Nothing was sent to the site."))])
        who = {"who": told.entry.clinician or self.say("Somebody")}
        kind = told.entry.kind
        if kind is EntryKind.ABANDONED:
            text = self.say(words.LEFT.get(str(told.detail("cause")), words.LEFT["time"]))
        elif kind is EntryKind.BACKED_OUT:
            text = self.say("%(who)s went back. Nothing was sent to the site.", **who)
        elif kind is EntryKind.ATTESTED:
            text = self.say("%(who)s said that this is not a client.", **who)
        elif kind is EntryKind.CONSENT_USED:
            text = self.say("%(who)s said that the client agreed to it, in session, for a purpose.", **who)
        elif kind is EntryKind.ACKNOWLEDGED:
            text = self.say("%(who)s read the warning and went on.", **who)
        else:
            text = self.say("%(who)s gave this reason to go on.", **who)
        facts: list[Json] = [
            [self.say(name), self._answer(told, part, str(told.detail(part)))]
            for part, name in words.PARTS.items()
            if told.detail(part) is not None and kind is not EntryKind.ABANDONED
        ]
        blocks = [self._dated(told.entry.at, text)]
        if facts:
            blocks.append({"kind": "facts", "rows": facts})
        if told.detail("fast"):
            blocks.append(plain(self.say("There was no time to write more: one line then, the full account owed.")))
        return section(heading, blocks + self._typed(told, words.TYPED))

    def _done(self) -> list[Block]:
        if not self.episode.leaves:
            return []
        blocks: list[Block] = []
        for leave in self.episode.leaves:
            blocks += self._leave(leave)
        return [section(self.say("What was done"), blocks)]

    def _leave(self, leave: Leave) -> Iterable[Block]:
        issued = leave.issued
        ends = issued.moment("expires_at")
        if issued.detail("on_site"):
            place = self.say("for this one thing on %(site)s", site=site_name(str(issued.detail("on_site"))))
        else:
            place = self.say("for searching and looking, on every site that the clinic watches")
        # A leave may be about several: in one client's file nobody else is named.
        whom = issued.entry.client_ref and (self.episode.only or ", ".join(issued.entry.clients))
        about = self.say("Leave about client %(client)s, %(place)s.", client=whom or "", place=place)
        yield plain(about if whom else self.say("Leave %(place)s.", place=place))
        steps: list[Json] = [[self._when(issued.entry.at), self.say("The leave began.")]]
        for use in leave.uses:
            done = words.DONE.get(use.entry.action or "", "%(site)s")
            typed = [str(use.typed[name]) for name in words.SEEN if use.typed and name in use.typed]
            text = self.say(done, site=site_name(use.entry.site or "?"))
            steps.append([self._when(use.entry.at), self._quoted(text, typed)])
        if leave.over is not None:
            steps.append([self._when(leave.over.entry.at), self.say(words.OVER[leave.over.entry.kind])])
        elif ends is not None:
            steps.append([self._when(ends), self.say("The leave ends at the latest.")])
        yield {"kind": "steps", "rows": steps}
        if not leave.uses:
            yield plain(self.say("Nothing was done with it."))

    def _discussed(self) -> list[Block]:
        owed = [duty for duty in self.episode.duties if duty.kind == _DISCUSS]
        return [section(self.say("When it was discussed"), self._duties(owed))] if owed else []

    def _owed(self) -> list[Block]:
        owed = [duty for duty in self.episode.duties if duty.kind != _DISCUSS]
        return [section(self.say("What else was owed"), self._duties(owed))] if owed else []

    def _reviewed(self) -> list[Block]:
        blocks: list[Block] = []
        for told in self.episode.reviews:
            words_of = words.REVIEWS.get(str(told.detail("verdict")), "%(who)s")
            blocks.append(self._dated(told.entry.at, self.say(words_of, who=str(told.detail("by")))))
            blocks += self._typed(told, words.TYPED)
        return [section(self.say("How it was reviewed"), blocks)] if blocks else []

    def _duties(self, owed: Iterable[Owed]) -> list[Block]:
        blocks: list[Block] = []
        for duty in owed:
            if duty.done is None:
                text = self.say("Not done yet. It is late.") if duty.late else self.say("Not done yet.")
            elif duty.late:
                text = self.say("Done late: %(when)s", when=self._when(duty.done.entry.at))
            else:
                text = self.say("Done: %(when)s", when=self._when(duty.done.entry.at))
            blocks.append({"kind": "duty", "title": self._duty(duty), "text": text})
            if duty.done is not None:
                blocks += self._typed(duty.done, words.TYPED)
        return blocks

    def _duty(self, duty: Owed) -> str:
        """Give what is owed, for whom, until when."""
        label = self.labels.of("duty", duty.kind, "label") or duty.kind
        whom = duty.created.entry.client_ref
        parts = [f"{label} ({whom})" if whom and duty.kind == _DISCUSS else label]
        met = self.episode.ending.detail("next_meeting") if self.episode.ending else None
        if duty.kind == _DISCUSS and isinstance(met, str):
            day = format_date(date.fromisoformat(met), "long", locale=LOCALES[self.times.language])
            parts.append(self.say("the next meeting was set for %(day)s", day=day))
        elif duty.due is not None:
            parts.append(self.say("due %(when)s", when=self._when(duty.due)))
        return ", ".join(parts)

    def _typed(self, told: Told, names: Mapping[str, str]) -> list[Block]:
        """Give what was typed: in full, or that it is closed, or that it was destroyed."""
        if told.destroyed:
            return [{"kind": "closed", "text": self.say("What was typed here was destroyed.")}]
        if told.typed is None:
            return [{"kind": "closed", "text": self.say("What was typed here is closed: a reader’s key opens it.")}]
        return [
            {"kind": "quote", "title": self.say(name), "text": str(told.typed[key])}
            for key, name in names.items()
            if told.typed.get(key)
        ]

    def _quoted(self, text: str, typed: list[str]) -> str:
        return self.say("%(text)s: “%(typed)s”", text=text, typed=" · ".join(typed)) if typed else text

    def _answer(self, told: Told, part: str, code: str) -> str:
        """Give the words of a coded answer."""
        kinds = {EntryKind.ATTESTED: "attestation", EntryKind.CONSENT_USED: "consent"}
        form = kinds.get(told.entry.kind) or str(told.detail("form"))
        return self.labels.of(form, part, code) or code

    def _dated(self, at: datetime, text: str) -> Block:
        when = self._when(at)
        return plain(self.say("%(when)s: %(text)s", when=when[:1].upper() + when[1:], text=text))

    def _when(self, at: datetime) -> str:
        return self.say("%(day)s at %(time)s", day=self.times.day(at), time=self.times.time(at))

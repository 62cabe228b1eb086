"""Measures how well and how fast the roster finds clients, beside its peers on the same texts; one JSON line a figure.

Run: python tests/bench/roster_bench.py [--data FOLDER] [--sizes 400,10000,100000,1000000]
The first run makes a throw-away environment in FOLDER (default: .bench) for the public sets and for logic-v2.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import JaroWinkler

from guardrail.model.people import Strength
from guardrail.roster import Roster, build_index
from guardrail.roster.index import Index
from tests.bench.roster_data import Data
from tests.bench.roster_people import Census, Named, Text, sample
from tests.bench.roster_speed import measure as measure_speed

SEED = 20
KEY = bytes(range(32))
SEARCHES = Path(__file__).with_name("ordinary_searches.txt")
PEERS: dict[str, tuple[Callable[..., float], float]] = {
    "token_sort_ratio 85": (fuzz.token_sort_ratio, 85),
    "token_set_ratio 90": (fuzz.token_set_ratio, 90),
    "jaro_winkler 0.92": (JaroWinkler.similarity, 0.92),
}
LOGIC, LOGIC_LEAST = "logic-v2", 0.7  # nomenklatura's own threshold
LOGIC_TEXTS = 40  # of each class; a pair takes it a fraction of a millisecond
NEAREST = 10  # names by each of the other peers; all 2,500 would take it an hour
RECALL = {
    "order": 0.99, "accent": 0.99, "extra words": 0.99, "married": 0.99, "alias": 0.99, "nickname": 0.97,
    "formal name": 0.97, "typo: insert": 0.97, "typo: delete": 0.97, "typo: replace": 0.97, "typo: swap": 0.97,
    "typo in a name of several words": 0.97, "initial": 0.90, "initial with a particle": 0.90,
}  # fmt: skip
ALARMS = {400: 0.5, 10_000: 10.0}
SEARCH_ALARMS = 0.1
EACH = 1000

type Line = dict[str, object]


def make_roster(people: Sequence[Named]) -> Roster:
    """Give a roster whose references are the people's numbers."""
    return Roster(Index(build_index((who.person(str(at)) for at, who in enumerate(people)), KEY), KEY))


def finds(roster: Roster, text: str, person: int) -> bool:
    """Whether a text leads to a person."""
    return any(match.client_ref == str(person) for match in roster.match_text(text))


def share(values: Sequence[bool]) -> float:
    """Give the share of true ones."""
    return round(sum(values) / len(values), 4)


def recall(census: Census, data: Data | None, size: int, each: int = EACH) -> Iterator[Line]:
    """Of the texts of each class, how many lead to the client whom they mean."""
    random_ = random.Random(SEED)  # noqa: S311 - the same texts in each run
    people, texts = sample(census.draw(size, random_), census, each, random_)
    roster = make_roster(people)
    classes: dict[str, list[Text]] = {}
    for text in texts:
        classes.setdefault(text.kind, []).append(text)
    logic: dict[str, list[list[float]]] = {}
    if data is not None:
        few = {kind: found[:LOGIC_TEXTS] for kind, found in classes.items()}
        scores = iter(data.logic_v2((one.text, [people[one.person].full]) for found in few.values() for one in found))
        logic = {kind: [next(scores) for _ in found] for kind, found in few.items()}
    for kind, found in classes.items():
        line: Line = {"what": "recall", "clients": size, "class": kind, "texts": len(found)}
        line["guardrail"] = share([finds(roster, text.text, text.person) for text in found])
        for peer, (score, least) in PEERS.items():
            line[peer] = share(
                [score(text.text, people[text.person].full, processor=utils.default_process) >= least for text in found]
            )
        if logic:
            line[LOGIC] = share([score >= LOGIC_LEAST for [score] in logic[kind]])
        yield _judged(line, "guardrail", RECALL.get(kind), least=True)


def false_alarms(census: Census, data: Data | None, size: int, rosters: int, strangers: int) -> Iterator[Line]:
    """How many of 1,000 people who are not on the roster, and not namesakes of somebody who is, it takes for a client.

    The peers have fewer of the same strangers, since they go over all names for each.
    """
    random_ = random.Random(SEED + size)  # noqa: S311 - the same people in each run
    ours, texts = 0, 0
    theirs = dict.fromkeys(PEERS, 0)
    few = max(500, 400_000 // size)
    asked = 0
    line: Line = {"what": "false alarms per 1000 full names", "clients": size}
    for _ in range(rosters):
        people = census.draw(size, random_)
        names = {who.full for who in people}
        unknown = [who.full for who in census.draw(strangers, random_) if who.full not in names]
        roster = make_roster(people)
        ours += sum(bool(roster.match_text(text)) for text in unknown)
        texts += len(unknown)
        choices = [utils.default_process(name) for name in names]
        asked += len(unknown[:few])
        for peer, (score, least) in PEERS.items():
            theirs[peer] += sum(
                process.extractOne(text.lower(), choices, scorer=score, score_cutoff=least) is not None
                for text in unknown[:few]
            )
        if data is not None and size <= 400 and LOGIC not in line:
            scores = data.logic_v2((text, sorted(names)) for text in unknown[:LOGIC_TEXTS])
            line[LOGIC] = round(1000 * sum(max(each) >= LOGIC_LEAST for each in scores) / len(scores), 3)
    line |= {"texts": texts, "texts of the peers": asked, "guardrail": round(1000 * ours / texts, 3)}
    line |= {peer: round(1000 * count / asked, 3) for peer, count in theirs.items()}
    yield _judged(line, "guardrail", ALARMS[size], least=False)


def search_alarms(census: Census, size: int, rosters: int) -> Iterator[Line]:
    """How many of 1,000 ordinary searches without a name the roster takes for a client."""
    random_ = random.Random(SEED + 1)  # noqa: S311 - the same people in each run
    searches = SEARCHES.read_text("utf-8").splitlines()
    ours = 0
    theirs = dict.fromkeys(PEERS, 0)
    for _ in range(rosters):
        people = census.draw(size, random_)
        roster = make_roster(people)
        ours += sum(bool(roster.match_text(text)) for text in searches)
        choices = [who.full.lower() for who in people]
        if size <= 400:
            for peer, (score, least) in PEERS.items():
                theirs[peer] += sum(
                    process.extractOne(text, choices, scorer=score, score_cutoff=least) is not None for text in searches
                )
    asked = rosters * len(searches)
    line: Line = {"what": "false alarms per 1000 ordinary searches", "clients": size, "texts": asked}
    line["guardrail"] = round(1000 * ours / asked, 3)
    if size <= 400:
        line |= {peer: round(1000 * count / asked, 3) for peer, count in theirs.items()}
    yield _judged(line, "guardrail", SEARCH_ALARMS, least=False)


def febrl4(data: Data) -> Iterator[Line]:
    """Take the first half's originals as the roster; the first half's duplicates are to be found, the others' not.

    Strangers who truly bear a client's name are left out. Each peer has the threshold at which one stranger in a
    hundred is an alarm; guardrail is as it is.
    """
    originals, duplicates = data.febrl("dataset4a"), data.febrl("dataset4b")
    ids = sorted(originals, key=int)
    clients, others = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    people = [Named(*originals[one][0]) for one in clients]
    known = {frozenset(originals[one][0]) for one in clients}
    strangers = [
        " ".join(duplicates[one][0]).strip()
        for one in others
        if frozenset(originals[one][0]) not in known and frozenset(duplicates[one][0]) not in known
    ]
    texts = [" ".join(duplicates[one][0]).strip() for one in clients]
    roster = Roster(
        Index(build_index((who.person(str(at)) for at, who in enumerate(people) if who.full.strip()), KEY), KEY)
    )
    line: Line = {"what": "febrl4: recall at 1 % false alarms", "clients": len(people), "strangers": len(strangers)}
    alarms = sum(bool(roster.match_text(text)) for text in strangers) / len(strangers)
    line["guardrail"] = share([finds(roster, text, at) for at, text in enumerate(texts)])
    line["guardrail's false alarms"] = round(alarms, 4)
    names = [who.full.strip() for who in people]
    peers = {
        peer.partition(" ")[0]: [process.extractOne(text, names, scorer=score)[:2] for text in (*texts, *strangers)]
        for peer, (score, _) in PEERS.items()
    }
    peers[LOGIC] = _by_logic(data, (*texts, *strangers), names)
    for peer, best in peers.items():
        worst = sorted((score for _, score in best[len(texts) :]), reverse=True)
        least = worst[len(worst) // 100]
        hits = [score > least and name == names[at] for at, (name, score) in enumerate(best[: len(texts)])]
        line[peer] = share(hits)
    target = max(float(str(line[peer])) for peer in peers)
    line = _judged(line, "guardrail", target, least=True)
    line["pass"] = bool(line["pass"]) and alarms <= 0.01
    yield line


def _by_logic(data: Data, texts: Sequence[str], names: Sequence[str]) -> list[tuple[str, float]]:
    """Give logic-v2's best name for each text and its score, of the names that are nearest by the other peers."""
    scorers = [score for score, _ in PEERS.values()]
    near: list[list[str]] = []
    for text in texts:
        found = [process.extract(text, names, scorer=score, limit=NEAREST) for score in scorers]
        near.append(list(dict.fromkeys(name for some in found for name, _, _ in some)))
    scores = data.logic_v2(zip(texts, near, strict=True))
    return [max(zip(some, each, strict=True), key=itemgetter(1)) for some, each in zip(near, scores, strict=True)]


def febrl_pairs(data: Data) -> Iterator[Line]:
    """How many duplicates of febrl1 to febrl3 lead to their original, by how sure a match has to be."""
    for name in ("dataset1", "dataset2", "dataset3"):
        people = [found for found in data.febrl(name).values() if len(found) > 1]
        roster = make_roster([Named(*found[0]) for found in people])
        asked = [(at, " ".join(other)) for at, found in enumerate(people) for other in found[1:]]
        line: Line = {"what": f"recall on febrl{name[-1]}", "clients": len(people), "texts": len(asked)}
        for least in (Strength.WEAK, Strength.VARIANT, Strength.EXACT):
            hits = [
                any(match.client_ref == str(at) and match.strength >= least for match in roster.match_text(text))
                for at, text in asked
            ]
            line[f"guardrail, {least.name.lower()}"] = share(hits)
        for peer, (score, threshold) in PEERS.items():
            line[peer] = share([score(text, " ".join(people[at][0])) >= threshold for at, text in asked])
        yield line


def _judged(line: Line, ours: str, target: float | None, *, least: bool) -> Line:
    if target is not None:
        value = float(str(line[ours]))
        line |= {"target": target, "pass": value >= target if least else value <= target}
    return line


def measure(data: Data, sizes: Sequence[int]) -> Iterator[Line]:
    """Give every figure."""
    census = Census(data.given, data.family)
    for size in (400, 10_000):
        yield from recall(census, data if size == 400 else None, size)
    yield from false_alarms(census, data, 400, rosters=10, strangers=20_000)
    yield from false_alarms(census, None, 10_000, rosters=2, strangers=20_000)
    yield from search_alarms(census, 400, rosters=5)
    yield from search_alarms(census, 10_000, rosters=1)
    yield from febrl4(data)
    yield from febrl_pairs(data)
    yield from measure_speed(census, data.folder, sizes)


def main() -> None:
    """Print one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".bench"))
    parser.add_argument("--sizes", default="400,10000,100000,1000000")
    given = parser.parse_args()
    for line in measure(Data(given.data).fetch(), tuple(map(int, given.sizes.split(",")))):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

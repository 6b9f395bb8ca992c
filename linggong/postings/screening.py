"""Automatic screening of a posting: word rules, pay, hours, age and the form of work. Pure: no tables, no clock."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from linggong.postings.facts import Limits, PostingFacts, Shift
from linggong.postings.findings import BLOCK, FLAG, HINT, Finding
from linggong.postings.limits import check_limits
from linggong.postings.sentence.reading import plain

__all__ = [
    "BLOCK", "FLAG", "HINT", "Finding", "Limits", "PostingFacts", "Shift", "WordRule", "WordRules",
    "blocked", "default_rules", "needs_review", "of_field", "rewrite", "screen", "screen_text",
]  # fmt: skip

RULES_FILE = Path(__file__).with_name("word_rules.json")
REGION_WORDS = "REGION_WORDS"
LONGEST_FIELD = 10_000
"""Characters of one field that are screened; forms refuse longer ones."""

MET = {
    "LONG_SHIFT": re.compile("加班"),
    "NIGHT": re.compile("(?:接送|送|班车|打车|回家|夜班费|(?:夜班|夜餐|交通)补贴|住宿|包住|管住)"),
    "HAZARD": re.compile("防护|安全(?:帽|绳|带|交底|培训)|防滑|手套|口罩|护目|面罩|胶鞋|雨靴|反光"),
}
"""Hints that ask for something to be written: with such words in the posting they are answered."""

_BREAK = r"[^,，。;；!！?？\n]"
_GAP = re.compile(r"<(\d+)>")
_CLAUSE_END = re.compile(r"[,，。;；!！?？\n]")
_STILL_NEEDED = re.compile(r"^.{0,4}(?:不能|不得|不许|不让|不给|不安排|免谈|勿扰)")
_SPACED = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff](?:[ \u3000·._-][\u4e00-\u9fff])+(?![\u4e00-\u9fff])")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad*")


@dataclass(frozen=True)
class WordRule:
    """One kind of unlawful wording with its lawful replacement."""

    code: str
    severity: str
    basis: str
    message: str
    rewrite: str | None
    negatable: bool
    patterns: tuple[re.Pattern, ...]
    unless: tuple[re.Pattern, ...]
    rewrites: tuple[tuple[re.Pattern, str], ...] = ()

    def offer(self, words: str) -> str | None:
        """The lawful text for these words; None when nothing can make them lawful."""
        for pattern, text in self.rewrites:
            found = pattern.fullmatch(words)
            if found:
                return found.expand(text)
        return self.rewrite


@dataclass(frozen=True)
class WordRules:
    """A version of the word list. RegionRule `posting_word_rules` may hold another one."""

    version: str
    rules: tuple[WordRule, ...]
    negated: re.Pattern

    def and_words(self, rows: Sequence[Mapping], *, version: str, basis: str) -> "WordRules":
        """These rules and a region's own plain words after them: {"name", "words", "message"}. They only flag."""
        own = tuple(
            WordRule(
                code=REGION_WORDS, severity=FLAG, basis=basis[:120], rewrite=None, negatable=True, unless=(),
                message=row.get("message") or f"本地规定要先看一看这几个字:{row['name']}。",
                patterns=tuple(re.compile(re.escape(plain(word.strip()))) for word in row["words"] if word.strip()),
            )
            for row in rows
        )  # fmt: skip
        return replace(self, version=f"{self.version}+{version}", rules=self.rules + own)

    @classmethod
    def read(cls, data: Mapping) -> "WordRules":
        """Build from the JSON form; raises ValueError with the place of a bad pattern."""
        rules = tuple(_rule(number, row) for number, row in enumerate(data["rules"]))
        words = "|".join(map(re.escape, sorted(data["negators"], key=len, reverse=True)))
        filler = (
            r"(?:收取?|要求?|需要?|用|任何|其他|额外|各种|一切|所谓|的|名义|理由|形式|方式|您|你|会|得|再|有|存在|想|做|以|缴|交|付|扣|让|先|"
            r"[\u4e00-\u9fff]{0,12}[、和及与或跟])"
        )
        return cls(str(data["version"]), rules, re.compile(rf"(?:{words}){filler}{{0,6}}$"))


def _rule(number: int, row: Mapping) -> WordRule:
    try:
        return WordRule(
            code=row["code"],
            severity=row["severity"],
            basis=row["basis"],
            message=row["message"],
            rewrite=row.get("rewrite"),
            negatable=row.get("negatable", False),
            patterns=tuple(_pattern(text) for text in row["patterns"]),
            unless=tuple(_pattern(text) for text in row.get("unless", ())),
            rewrites=tuple((re.compile(old), new) for old, new in row.get("rewrites", ())),
        )
    except (re.error, KeyError) as error:
        raise ValueError(f"word rule {number}: {error}") from error


def _pattern(text: str) -> re.Pattern:
    return re.compile(_GAP.sub(lambda found: f"{_BREAK}{{0,{found[1]}}}", text))


@cache
def default_rules() -> WordRules:
    """The list shipped with the package."""
    return WordRules.read(json.loads(RULES_FILE.read_text(encoding="utf-8")))


def screen(facts: PostingFacts, *, rules: WordRules | None = None, limits: Limits | None = None) -> list[Finding]:
    """Everything the posting breaks or should think about: words first, in reading order, then figures.

    Only severity BLOCK may lead to REJECTED_AUTO; FLAG goes to a reviewer; HINT is advice to the employer.
    Never raises on any text.
    """
    rules = rules or default_rules()
    found: list[Finding] = []
    for name, text in facts.texts():
        found += screen_text(text, name, rules)
    found = [_softened(finding, facts) for finding in found] + check_limits(facts, limits or Limits())
    whole = "，".join(plain(text) for _name, text in facts.texts())
    return [one for one in found if one.severity != HINT or one.code not in MET or not MET[one.code].search(whole)]


def screen_text(text: str, name: str, rules: WordRules) -> list[Finding]:
    """Findings of the word rules in one field, spans counted in the text as typed."""
    seen, places = _visible(text[:LONGEST_FIELD])
    found: list[Finding] = []
    for rule in rules.rules:
        spans = _hits(rule, rules, seen)
        if not spans:
            continue
        spans = [(places[start], places[end - 1] + 1) for start, end in spans]
        words = tuple(text[start:end] for start, end in spans)
        offers = tuple(rule.offer(seen_words) for seen_words in (plain(word) for word in words))
        found.append(
            Finding(
                code=rule.code,
                severity=rule.severity,
                field=name,
                spans=tuple(spans),
                words=words,
                message=rule.message,
                basis=rule.basis,
                rewrite=offers[0],
                rewrites=offers,
            )
        )
    return sorted(found, key=lambda finding: finding.spans[0])


def _visible(text: str) -> tuple[str, list[int]]:
    """The text without signs that are put between letters to slip past rules, and where each letter stood."""
    dropped = {place for place, char in enumerate(text) if char in _INVISIBLE}
    for spaced in _SPACED.finditer(text):
        dropped.update(range(spaced.start() + 1, spaced.end(), 2))
    kept = [place for place in range(len(text)) if place not in dropped]
    return plain("".join(text[place] for place in kept)), kept


def _hits(rule: WordRule, rules: WordRules, text: str) -> list[tuple[int, int]]:
    spans = []
    for pattern in rule.patterns:
        for hit in pattern.finditer(text):
            if hit.end() > hit.start() and not (rule.negatable and _negated(rules, text, hit)):
                spans.append(hit.span())
    if spans and rule.unless:
        fine = [hit.span() for pattern in rule.unless for hit in pattern.finditer(text)]
        spans = [span for span in spans if not any(span[0] < end and start < span[1] for start, end in fine)]
    return _merged(spans)


def _negated(rules: WordRules, text: str, hit: re.Match) -> bool:
    """不收押金 and 不收服装费、押金 are fine; 不交押金不能上岗 is not."""
    before = _CLAUSE_END.split(text[max(0, hit.start() - 24) : hit.start()])[-1]
    return rules.negated.search(before) is not None and not _STILL_NEEDED.match(text[hit.end() : hit.end() + 8])


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _softened(finding: Finding, facts: PostingFacts) -> Finding:
    """A stated lawful reason turns a restriction into a hint that the reviewer checks the reason."""
    if finding.code == "SEX" and "STATE_PROHIBITED_FOR_WOMEN" in facts.reasons:
        return replace(finding, severity=HINT, basis="《女职工劳动保护特别规定》附录")
    if finding.code == "AGE_CAP" and facts.reasons & {"SITE_AGE", "HAZARD_AGE"}:
        return replace(finding, message="已注明年龄要求的依据。")
    return finding


def blocked(findings: Iterable[Finding]) -> bool:
    """An absolute block: the posting may be rejected without a person looking."""
    return any(finding.severity == BLOCK for finding in findings)


def needs_review(findings: Iterable[Finding]) -> bool:
    """Something a person has to look at."""
    return any(finding.severity in (BLOCK, FLAG) for finding in findings)


def of_field(findings: Iterable[Finding], name: str) -> list[Finding]:
    """The findings whose words stand in the field `name`."""
    return [finding for finding in findings if finding.field == name and finding.spans]


def rewrite(text: str, findings: Sequence[Finding], *, rules: WordRules | None = None) -> str:
    """The lawful text offered in one tap. Findings without a lawful wording leave their words alone.

    Screening the result finds nothing more that could have been rewritten.
    """
    rules = rules or default_rules()
    text = _replaced(text, findings, blank=False)
    for turn in range(12):
        again = [finding for finding in screen_text(text, "", rules) if finding.rewrite is not None]
        if not again:
            return text
        text = _replaced(text, again, blank=turn >= 3)
    return text


def _replaced(text: str, findings: Sequence[Finding], *, blank: bool) -> str:
    changes = []
    for finding in findings:
        for (start, end), words, offer in zip(finding.spans, finding.words, finding.rewrites, strict=True):
            if offer is not None and text[start:end] == words:
                changes.append((start, end, "" if blank else offer))
    free = len(text)
    for start, end, offer in sorted(changes, key=lambda change: (change[0], -change[1]), reverse=True):
        if end > free:
            continue
        offer = "" if offer and offer in text[:start] + text[end:] else offer
        text = _fitted(text[:start], offer, text[end:])
        free = start
    return text


def _fitted(before: str, offer: str, after: str) -> str:
    """Set the offer between commas, and leave no doubled or leading ones behind."""
    signs = ",，。;；、!！?？:： \n("
    if not offer:
        if before and before[-1] in ",，;；、" and (not after or after[0] in ",，。;；、"):
            before = before[:-1]
        return before + (after if before else after.lstrip(",，;；、"))
    left = "" if not before or before[-1] in signs else ","
    right = "" if not after or after[0] in signs + ")" else ","
    return before + left + offer + right + after

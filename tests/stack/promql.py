"""As much of PromQL as our rules use, on pages that were really scraped; the parser is Rust's.

Two pages stand for what Prometheus has kept: a series that stood on the first is known to have
grown on the second, and one that did not is not, as with Prometheus. What a rule waits for (`for:`)
is left out.
"""

import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import promql_parser as promql
from prometheus_client.samples import Sample

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]

COMPARED: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
RECKONED: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda one, other: one / other if other else math.nan,
}
AGGREGATED: dict[str, Callable[[Iterable[float]], float]] = {"sum": sum, "min": min, "max": max}


@dataclass(frozen=True)
class Scraped:
    """Two pages and a moment.

    Attributes:
        before: what stood on the first page.
        after: what stands on the second.
        seconds: between them.
        now: the moment that rules are looked at.
    """

    before: list[Sample]
    after: list[Sample]
    seconds: float
    now: float

    def of(self, expression: str) -> Any:
        """Return what an expression comes to: a number, or numbers by labels."""
        return self._of(promql.parse(expression))

    def _of(self, node: Any) -> Any:
        match node:
            case promql.NumberLiteral():
                return node.val
            case promql.ParenExpr():
                return self._of(node.expr)
            case promql.VectorSelector():
                return _chosen(self.after, node)
            case promql.Call():
                return self._called(node)
            case promql.AggregateExpr():
                return _aggregated(node, self._of(node.expr))
            case promql.BinaryExpr():
                return self._combined(node)
        raise NotImplementedError(type(node).__name__)

    def _called(self, node: Any) -> Any:
        match node.func.name:
            case "time":
                return self.now
            case "increase" | "rate":
                selector = node.args[0].vector_selector
                before, after = _chosen(self.before, selector), _chosen(self.after, selector)
                over = self.seconds if node.func.name == "rate" else 1.0
                return {
                    _without(labels, "__name__"): (after[labels] - before[labels]) / over
                    for labels in after.keys() & before.keys()
                }
            case "histogram_quantile":
                return _quantiles(node.args[0].val, self._of(node.args[1]))
        raise NotImplementedError(node.func.name)

    def _combined(self, node: Any) -> Any:
        name = re.sub(r"\s", "", str(node.op))
        one, other = self._of(node.lhs), self._of(node.rhs)
        if name == "or":
            return {**other, **one}
        if not isinstance(one, dict) and not isinstance(other, dict):
            return RECKONED[name](one, other)
        if not isinstance(one, dict):
            one = dict.fromkeys(other, one)
        if not isinstance(other, dict):
            other = dict.fromkeys(one, other)
        both = one.keys() & other.keys()
        if name in COMPARED:
            return {key: one[key] for key in both if COMPARED[name](one[key], other[key])}
        return {key: RECKONED[name](one[key], other[key]) for key in both}


def names_in(expression: str) -> set[str]:
    """Return the metrics that an expression reads."""
    found: set[str] = set()
    waiting: list[Any] = [promql.parse(expression)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, promql.VectorSelector):
            assert node.name is not None
            found.add(node.name)
        for name in ("lhs", "rhs", "expr", "vector_selector"):
            waiting += [getattr(node, name)] if hasattr(node, name) else []
        waiting += getattr(node, "args", None) or []
    return found


def _chosen(samples: list[Sample], selector: Any) -> Vector:
    return {
        frozenset(sample.labels.items()): sample.value
        for sample in samples
        if sample.name == selector.name
        and all(_fits(sample, one) for one in selector.matchers.matchers)
    }


def _fits(sample: Sample, matcher: Any) -> bool:
    value = sample.labels.get(matcher.name, "")
    same = (
        bool(re.fullmatch(matcher.value, value))
        if matcher.op in (promql.MatchOp.Re, promql.MatchOp.NotRe)
        else value == matcher.value
    )
    return same == (matcher.op in (promql.MatchOp.Re, promql.MatchOp.Equal))


def _aggregated(node: Any, values: Vector) -> Vector:
    kept = set(node.modifier.labels) if node.modifier else set()
    groups: dict[Labels, list[float]] = defaultdict(list)
    for labels, value in values.items():
        groups[frozenset(pair for pair in labels if pair[0] in kept)].append(value)
    name = next(name for name in AGGREGATED if node.prettify().startswith(name))
    return {labels: AGGREGATED[name](each) for labels, each in groups.items()}


def _without(labels: Labels, name: str) -> Labels:
    return frozenset(pair for pair in labels if pair[0] != name)


def _quantiles(share: float, buckets: Vector) -> Vector:
    """Interpolate within the bucket, as Prometheus does."""
    groups: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for labels, count in buckets.items():
        groups[_without(labels, "le")].append((float(dict(labels)["le"]), count))
    found = {}
    for labels, each in groups.items():
        each.sort()
        rank, below, lower = share * each[-1][1], 0.0, 0.0
        for bound, count in each:
            if count >= rank:
                inside = (rank - below) / (count - below) if count > below else 0.0
                found[labels] = lower if math.isinf(bound) else lower + (bound - lower) * inside
                break
            below, lower = count, bound
        if not each[-1][1]:
            found[labels] = math.nan
    return found

"""Which arms of the templates' conditions letters have gone through: each one leaves a mark."""

from collections.abc import Iterator
from typing import Any, Final

from jinja2 import Environment, nodes

from activities.letters.render import TEMPLATES

MARK: Final = "marks"
"""The name, within a template, of what notes that an arm was gone through."""


class Arms(Environment):
    """Templates whose every ``if``, ``elif``, ``else`` and chosen word notes that it was used.

    An ``if`` without an ``else`` has one all the same: that nothing stands there is a form, too.

    Attributes:
        known: the arms there are: the template, where in its text, and which.
        passed: those that letters have gone through.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.known: set[str] = set()
        self.passed: set[str] = set()
        self.globals[MARK] = self._note

    def _note(self, arm: str, value: object) -> object:
        self.passed.add(arm)
        return value

    def _note_key(self, table: str, key: object) -> object:
        self.passed.add(f"{table}: {key}")
        return key

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        where = name or _name_of(source)
        conditions = list(tree.find_all(nodes.If))
        continued = {id(each) for one in conditions for each in one.elif_}
        for number, condition in enumerate(conditions):
            place = f"{where}, line {condition.lineno} of its body, condition {number}"
            self._mark(condition.body, f"{place}: holds")
            if id(condition) not in continued:
                self._mark(condition.else_, f"{place}: none holds")
        for number, choice in enumerate(list(tree.find_all(nodes.CondExpr))):
            place = f"{where}, line {choice.lineno} of its body, choice {number}"
            assert choice.expr2 is not None, f"{place}: has no other word"
            choice.expr1 = self._marked(f"{place}: holds", choice.expr1)
            choice.expr2 = self._marked(f"{place}: does not hold", choice.expr2)
        self._mark_tables(tree, where)
        tree.set_environment(self)
        return tree

    def _mark_tables(self, tree: nodes.Template, where: str) -> None:
        """Mark the words of tables by their keys."""
        named = {
            assigned.target.name: assigned.node
            for assigned in tree.find_all(nodes.Assign)
            if isinstance(assigned.target, nodes.Name) and isinstance(assigned.node, nodes.Dict)
        }
        for looked_up in list(tree.find_all(nodes.Getitem)):
            table = looked_up.node
            if isinstance(table, nodes.Name):
                table = named.get(table.name, table)
            if isinstance(table, nodes.Dict):
                place = f"{where}, line {looked_up.lineno} of its body, table"
                self.known |= {f"{place}: {key}" for key in table.as_const()}
                looked_up.arg = _call(f"{MARK}_key", nodes.Const(place), looked_up.arg)
                self.globals[f"{MARK}_key"] = self._note_key

    def _mark(self, body: list[nodes.Node], arm: str) -> None:
        body.insert(0, nodes.Output([self._marked(arm, nodes.Const(""))]))

    def _marked(self, arm: str, value: nodes.Expr) -> nodes.Expr:
        self.known.add(arm)
        return _call(MARK, nodes.Const(arm), value)


def _call(name: str, *arguments: nodes.Expr) -> nodes.Call:
    return nodes.Call(nodes.Name(name, "load"), list(arguments), [], None, None)


def _name_of(body: str) -> str:
    """Return which letter has a body: those with a front part come without their name."""
    (path,) = (path for path in _letters() if path.read_text("utf-8").endswith(f"---\n{body}"))
    return str(path.relative_to(TEMPLATES))


def _letters() -> Iterator[Any]:
    return (path for path in TEMPLATES.rglob("*.md") if not path.name.startswith("_"))

"""All mutants of a source file: the file with one small change each, which some test should notice.

What is changed is mutmut's table of operators (a number one off, another comparison, an argument left out ...) and some of ours: a
statement or a step of a call left out, a row that a table lacks, a condition turned around, a sentence that says nothing. Mutants
are made everywhere, in tables, class bodies and decorated functions too: each is imported anew.
"""

import builtins
import difflib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import libcst as cst
from libcst import matchers as m
from libcst.metadata import ExpressionContext, ExpressionContextProvider, MetadataWrapper, PositionProvider
from msgspec import Struct
from mutmut.mutation.mutators import mutation_operators, operator_string


class Mutant(Struct, frozen=True, kw_only=True, eq=False):
    """One change of ``file``, not yet made."""

    file: str
    place: str
    """The function, class or table that is changed: ``TokenVerifier._key``, ``PLANS``."""
    key: str
    """What the mutant is called wherever its place moves: the place and a hash of what is changed into what."""
    lines: range
    """The lines of which one has to run for the change to matter: from the beginning of its statement to its end."""
    module: cst.Module
    statement: cst.CSTNode
    node: cst.CSTNode
    replacement: cst.CSTNode

    def source(self) -> str | None:
        """The file with the change made; None where that is no Python, or no change."""
        changed = self.statement.deep_replace(self.node, self.replacement)
        source = self.module.with_changes(body=[changed if s is self.statement else s for s in self.module.body]).code
        return source if source != self.module.code and _compiles(source) else None

    def diff(self) -> str:
        """The lines that are changed, and what they become."""
        lines = difflib.ndiff(self.module.code.splitlines(), (self.source() or "").splitlines())
        return "\n".join(line for line in lines if line[0] in "-+")


def mutants_of(file: str, source: str) -> list[Mutant]:
    """All mutants of the file, in the order of its lines."""
    found = _Mutants(file)
    MetadataWrapper(cst.parse_module(source)).visit(found)
    return found.mutants


def drawn(mutants: Sequence[Mutant], seed: str, size: int) -> list[Mutant]:
    """A sample of those that can be made. A mutant is in it by its name and the seed alone, so that it stays when others change."""
    by_lot = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed} {mutant.file} {mutant.key}".encode()).digest())
    return list(islice((mutant for mutant in by_lot if mutant.source()), size))


def _compiles(code: str) -> bool:
    try:
        compile(code, "<mutant>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _left_out(node: cst.Expr) -> Iterator[cst.CSTNode]:
    if not isinstance(node.value, cst.BaseString | cst.Ellipsis):
        yield cst.Pass()


def _step_left_out(node: cst.Call) -> Iterator[cst.CSTNode]:
    """``f(x)`` becomes ``x``, where f is no type: a text that is not folded, a list that is not ranked."""
    match node:
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)), args=[only]):
            if name.islower() and name not in vars(builtins) and not only.keyword and not only.star:
                yield only.value
        case _:
            pass


def _turned_around(test: cst.BaseExpression) -> Iterator[cst.CSTNode]:
    # mutmut turns comparisons, "not", "and" and "or" around itself.
    if not isinstance(test, cst.Comparison | cst.UnaryOperation | cst.BooleanOperation):
        bare = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield cst.UnaryOperation(operator=cst.Not(), expression=bare)


def _lacking_a_row(node: cst.Tuple | cst.List | cst.Set | cst.Dict) -> Iterator[cst.CSTNode]:
    if len(node.elements) > 1:
        for at in range(len(node.elements)):
            yield node.with_changes(elements=[*node.elements[:at], *node.elements[at + 1 :]])


def _another_text(node: cst.BaseString) -> Iterable[cst.CSTNode]:
    """Nobody tests each letter of a sentence, but that it is said; everything else is changed as mutmut does."""
    sentence = isinstance(node, cst.FormattedString) or (
        isinstance(node, cst.SimpleString) and " " in node.value and "r" not in node.prefix and len(node.quote) == 1
    )
    return [cst.SimpleString('""')] if sentence else operator_string(node)


_OPERATORS: Final[tuple[tuple[Any, Callable[[Any], Iterable[cst.CSTNode]]], ...]] = (
    *((kind, operator) for kind, operator in mutation_operators if operator is not operator_string),
    (cst.BaseString, _another_text),
    (cst.Expr, _left_out),
    (cst.Call, _step_left_out),
    (cst.Tuple | cst.List | cst.Set | cst.Dict, _lacking_a_row),
)

_NEVER_CHANGED: Final = (
    # For readers and type checkers alone.
    m.Annotation()
    | m.Import()
    | m.ImportFrom()
    | m.Call(func=m.Name("cast") | m.Name("TypeVar") | m.Name("ParamSpec") | m.Name("NewType"))
    | m.Subscript(value=m.Name("Literal"))
    # As mutmut has it: their arguments cannot be anything else.
    | m.Call(func=m.Name("isinstance") | m.Name("len"))
)


class _Mutants(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider, ExpressionContextProvider)

    def __init__(self, file: str) -> None:
        self.mutants: list[Mutant] = []
        self._file = file
        self._module = cst.Module([])
        self._statements: list[cst.CSTNode] = []  # from the outermost to the one that is being walked through
        self._places: list[str] = []
        self._seen: Counter[tuple[str, ...]] = Counter()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if m.matches(node, _NEVER_CHANGED):
            return False
        if isinstance(node, cst.Module):
            self._module = node
        if isinstance(node, cst.BaseCompoundStatement | cst.SimpleStatementLine | cst.Decorator):
            self._statements.append(node)
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._places.append(node.name.value)
        if self.get_metadata(ExpressionContextProvider, node, None) is not ExpressionContext.STORE:
            self._add(node, (made for kind, change in _OPERATORS if isinstance(node, kind) for made in change(node)))
        if isinstance(node, cst.If | cst.While | cst.CompIf):
            self._add(node.test, _turned_around(node.test))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._places.pop()
        if self._statements and self._statements[-1] is original_node:
            self._statements.pop()

    def _add(self, node: cst.CSTNode, replacements: Iterable[cst.CSTNode]) -> None:
        for replacement in replacements:
            first = self.get_metadata(PositionProvider, self._statements[-1]).start.line
            mutant = Mutant(
                file=self._file,
                place=self._place(),
                key=self._key(node, replacement),
                lines=range(first, self.get_metadata(PositionProvider, node).end.line + 1),
                module=self._module,
                statement=self._statements[0],
                node=node,
                replacement=replacement,
            )
            self.mutants.append(mutant)

    def _key(self, node: cst.CSTNode, replacement: cst.CSTNode) -> str:
        change = (self._place(), *(self._module.code_for_node(each) for each in (node, replacement)))
        self._seen[change] += 1  # the same change may be made more than once in a function
        text = "\n".join((*change, str(self._seen[change])))
        return f"{self._place()} {hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def _place(self) -> str:
        if self._places:
            return ".".join(self._places)
        match self._statements[0]:
            case cst.SimpleStatementLine(
                body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]), *_]
            ):
                return name
            case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name)), *_]):
                return name
            case _:
                return "module"

"""Steps of an automation from JSON."""

from collections.abc import Callable, Iterator, Sequence

from schemas.automation import (
    VARIABLES,
    Branch,
    Message,
    Nothing,
    Split,
    SplitArm,
    Step,
    StepKind,
    Tag,
    Wait,
    WaitForPurchase,
)
from schemas.fields import Reader
from schemas.messages import unknown

MOST_STEPS = 50
DEEPEST = 5
MOST_ARMS = 5
MOST_WEIGHT = 100
LONGEST_ARM = 40
LONGEST_TEMPLATE = 4_000
_UNITS_MS = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
_MOST_WAIT_MS = 366 * _UNITS_MS["days"]


def read_steps(reader: Reader, name: str) -> tuple[Step, ...]:
    """The steps of an automation: at least one, not too many in all."""
    steps = _steps(reader, name, 1)
    if not steps and not reader.problems:
        reader.problem(name, "add a step: a message, a tag, or nothing")
    if not reader.problems:
        _require_own_names(reader, name, steps)
    return steps


def splits(steps: Sequence[Step], path: str) -> Iterator[tuple[str, Split]]:
    """Every split among steps that lie at `path`, also inside others, with its own path."""
    for i, step in enumerate(steps):
        here = f"{path}.{i}"
        match step:
            case Split():
                yield here, step
                for j, arm in enumerate(step.arms):
                    yield from splits(arm.steps, f"{here}.arms.{j}.steps")
            case Branch():
                for j, (_, inner) in enumerate(step.paths):
                    yield from splits(inner, f"{here}.paths.{j}.steps")
                yield from splits(step.otherwise, f"{here}.else")
            case WaitForPurchase():
                yield from splits(step.bought, f"{here}.bought")
                yield from splits(step.silent, f"{here}.silent")


def _require_own_names(reader: Reader, name: str, steps: Sequence[Step]) -> None:
    """A contact's arm hangs on the split's name: two of one name would lead everybody the same way."""
    known: set[str] = set()
    for path, split in splits(steps, name):
        if split.name in known:
            reader.problem(f"{path}.name", "give every split a name of its own")
        known.add(split.name)


def _steps(reader: Reader, name: str, depth: int) -> tuple[Step, ...]:
    items = reader.items(name)
    if len(items) > MOST_STEPS:
        reader.problem(name, f"use at most {MOST_STEPS} steps")
        return ()
    if items and depth > DEEPEST:
        reader.problem(name, f"nest branches at most {DEEPEST} deep")
        return ()
    read = (_step(reader.at(f"{name}.{i}", body), depth) for i, body in enumerate(items))
    return tuple(step for step in read if step is not None)


def _step(reader: Reader, depth: int) -> Step | None:
    kind = reader.choice("kind", tuple(StepKind), "")
    if not kind:
        return None
    readers: dict[StepKind, Callable[[], Step]] = {
        StepKind.BRANCH: lambda: _branch(reader, depth),
        StepKind.SPLIT: lambda: _split(reader, depth),
        StepKind.WAIT: lambda: Wait(_wait_ms(reader)),
        StepKind.WAIT_FOR_PURCHASE: lambda: WaitForPurchase(
            reader.whole("days", 1, 366, None) * _UNITS_MS["days"],
            _steps(reader, "bought", depth + 1),
            _steps(reader, "silent", depth + 1),
        ),
        StepKind.MESSAGE: lambda: _message(reader),
        StepKind.TAG: lambda: Tag(reader.text("tag", 100)),
        StepKind.NOTHING: Nothing,
    }
    return readers[StepKind(kind)]()


def _branch(reader: Reader, depth: int) -> Branch:
    paths = []
    for i, body in enumerate(reader.items("paths")):
        path = reader.at(f"paths.{i}", body)
        rule = path.rule("when")
        if rule is None and not path.has("when"):
            path.problem("when", "say when this path is taken")
        steps = _steps(path, "steps", depth + 1)
        if rule is not None:
            paths.append((rule, steps))
    if not reader.items("paths"):
        reader.problem("paths", "add a path with its condition")
    return Branch(tuple(paths), _steps(reader, "else", depth + 1))


def _split(reader: Reader, depth: int) -> Split:
    given = reader.items("arms")
    if len(given) > MOST_ARMS:
        reader.problem("arms", f"use at most {MOST_ARMS} arms")
        given = []
    elif len(given) < 2:
        reader.problem("arms", "add an arm: a split has at least two")
    found = Split(
        reader.text("name", LONGEST_ARM),
        tuple(_arm(reader.at(f"arms.{i}", body), depth) for i, body in enumerate(given)),
    )
    names = [arm.name for arm in found.arms]
    for i, name in enumerate(names):
        if name and name in names[:i]:
            reader.problem(f"arms.{i}.name", "give every arm a name of its own")
    return found


def _arm(reader: Reader, depth: int) -> SplitArm:
    return SplitArm(
        reader.text("name", LONGEST_ARM),
        reader.whole("weight", 1, MOST_WEIGHT, None),
        _steps(reader, "steps", depth + 1),
    )


def _wait_ms(reader: Reader) -> int:
    given = [unit for unit in _UNITS_MS if reader.has(unit)]
    if len(given) != 1:
        reader.problem("", "say how long: minutes, hours or days")
        return 0
    unit_ms = _UNITS_MS[given[0]]
    return reader.whole(given[0], 1, _MOST_WAIT_MS // unit_ms, None) * unit_ms


def _message(reader: Reader) -> Message:
    template = reader.optional_text("template", LONGEST_TEMPLATE)
    foreign = unknown(template, list(VARIABLES)) if template else []
    if foreign:
        known = ", ".join(VARIABLES)
        reader.problem("template", f"{', '.join(foreign)}: nothing fills this; use {known} or personal.name")
    return Message(reader.text("endpoint", 64), reader.optional_text("channel", 64), template)

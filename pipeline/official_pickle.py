"""Carries out a pickle's instructions over plain data. Nothing that the pickle names is imported, looked up or called.

Python's unpickler calls what a file names, and can only be talked out of it. This one has nothing to call: it builds
numbers, words, bytes, tuples, lists, dicts and sets, and for the names of a table whatever the table's own functions
make of their arguments. What the names of official checkpoints stand for is official_names.py's matter.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

_STEPS = 500_000
"""Instructions, and values looked at afterwards. The largest official checkpoints take 30,000."""

_NEWEST = 5
"""Protocols are numbered up to this. The fifth is read where it uses nothing of its own."""

_OPCODES = {ord(row.code): row for row in pickletools.opcodes}


class BrokenPickle(Exception):
    """The pickle does what no official checkpoint does; the message is what, without file or full stop."""


class ForeignName(Exception):
    """The pickle names something that is not in the table; `within` is the part that does, if it is a part."""

    def __init__(self, module: str, name: str, within: str = "") -> None:
        super().__init__(f"{module}.{name}")
        self.module, self.name, self.within = module, name, within


@dataclass(slots=True)
class Purse:
    """What a file may still cost: small files that unpack to endless ones run out of it."""

    size: int
    """Bytes that may be copied: as many as the file has."""
    steps: int = _STEPS

    def spend(self, *, steps: int = 0, size: int = 0) -> None:
        """Raises: BrokenPickle if there is not enough left."""
        self.steps -= steps
        self.size -= size
        if self.steps < 0:
            raise BrokenPickle(f"takes more than {_STEPS:,} steps to read")
        if self.size < 0:
            raise BrokenPickle("unpacks to more than its own size")


class Source:
    """A file, or bytes in memory, that are never asked for more than they have: no room is made for it."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size, self.at = file, size, 0

    def read(self, count: int) -> bytes:
        """So many bytes. Raises: EOFError if there are fewer."""
        if count > self.size - self.at:
            raise EOFError
        data = self._file.read(count)
        if len(data) != count:
            raise EOFError
        self.at += count
        return data

    def line(self) -> str:
        """What stands before the next line's end. Raises: EOFError if there is none."""
        data = self._file.readline()
        self.at += len(data)
        if not data.endswith(b"\n"):
            raise EOFError
        return data[:-1].decode(errors="replace")


Stand = Callable[[tuple[Any, ...], Purse], Any]
"""Makes what a name's call gives, of its arguments. Raises: BrokenPickle, ValueError or TypeError if they are odd."""

Table = Mapping[tuple[str, str], Stand]
"""Module and name → what stands for it."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the table as a value. It is a word, and knows nothing of what Python calls so."""

    module: str
    name: str


class Stateful:
    """What a stand-in gives that has more to be told by the instruction BUILD."""

    __slots__ = ()

    def build(self, state: Any) -> None:
        """Raises: BrokenPickle, ValueError or TypeError if the state is odd."""
        raise BrokenPickle("sets the state of what has none")


def carry_out(source: Source, table: Table, purse: Purse, *, persistent: Callable[[Any], Any] | None = None) -> Any:
    """The next pickle's value: plain data, and what the table's functions gave. The source stands behind it then.

    `persistent`: gives what a persistent id means; without it there may be none.
    Raises: ForeignName for a name that is not in the table; EOFError if the pickle breaks off; BrokenPickle for
    instructions that official checkpoints do without; ArithmeticError, LookupError, TypeError, ValueError if it is
    damaged.
    """
    machine = _Machine(source, table, purse, persistent)
    while True:
        purse.spend(steps=1)
        row = _OPCODES.get(source.read(1)[0])
        if row is None:
            raise ValueError("no instruction")
        if row.name == "STOP":
            return machine.stack.pop()
        act = _ACTS.get(row.name)
        if act is None:
            raise BrokenPickle(f"uses the pickle instruction {row.name}")
        act(machine, row.arg.reader(cast(IO[bytes], source)) if row.arg and row.name not in _NAMING else None)


class _Machine:
    """The stack, what was put aside at marks, and the memo of one pickle."""

    def __init__(self, source: Source, table: Table, purse: Purse, persistent: Callable[[Any], Any] | None) -> None:
        self.source, self.table, self.purse, self.persistent = source, table, purse, persistent
        self.stack: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def mark(self, _: None) -> None:
        self._marked.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        """What was pushed since the last mark, taken off."""
        items, self.stack = self.stack, self._marked.pop()
        return items

    def put(self, at: int) -> None:
        self._memo[at] = self.stack[-1]

    def memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def get(self, at: int) -> None:
        self.stack.append(self._memo[at])

    def top(self, kind: type) -> Any:
        """The topmost value, which must be of just this type."""
        if type(self.stack[-1]) is not kind:
            raise TypeError("another type")
        return self.stack[-1]

    def tuple_of(self, count: int) -> None:
        if len(self.stack) < count:
            raise IndexError("too few values")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def append(self, _: None) -> None:
        value = self.stack.pop()
        self.top(list).append(value)

    def appends(self, _: None) -> None:
        items = self.since_mark()
        self.top(list).extend(items)

    def set_item(self, _: None) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._store([key, value])

    def set_items(self, _: None) -> None:
        self._store(self.since_mark())

    def _store(self, items: list[Any]) -> None:
        fill(self.top(dict), zip(items[::2], items[1::2], strict=True))

    def add_items(self, _: None) -> None:
        items = self.since_mark()
        self.top(set).update(map(word, items))

    def name_in_lines(self, _: None) -> None:
        module = self.source.line()
        self._name(module, self.source.line())

    def instance(self, _: None) -> None:
        # Its name is told before it is refused.
        self.name_in_lines(None)
        raise BrokenPickle("uses the pickle instruction INST")

    def name_on_stack(self, _: None) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self._name(word(module), word(name))

    def _name(self, module: str, name: str) -> None:
        if (module, name) not in self.table:
            raise ForeignName(module, name)
        self.stack.append(Name(module, name))

    def call(self, _: None) -> None:
        """REDUCE and NEWOBJ: what the table's function makes of the arguments."""
        arguments, name = self.stack.pop(), self.stack.pop()
        if type(name) is not Name or type(arguments) is not tuple:
            raise BrokenPickle("calls what is no function")
        self.stack.append(self.table[name.module, name.name](arguments, self.purse))

    def build(self, _: None) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Stateful):
            self.stack[-1].build(state)
        elif type(state) is dict:
            self.purse.spend(steps=len(state))
            self.top(dict).update(state)
        else:
            raise BrokenPickle("sets the state of what has none")

    def persistent_id(self, _: None) -> None:
        if self.persistent is None:
            raise BrokenPickle("refers to objects outside of it by a persistent id")
        self.stack.append(self.persistent(self.stack.pop()))


def word(value: Any) -> str:
    """The value if it is a word. Nothing else is ever hashed: numbers can be chosen to collide, tuples to nest."""
    if type(value) is not str:
        raise BrokenPickle("has something else than a word where a name belongs")
    return value


def fill(target: dict[str, Any], items: Any) -> None:
    """Put pairs of words and values into the dict."""
    for key, value in items:
        target[word(key)] = value


def _protocol(_: _Machine, number: int) -> None:
    if number > _NEWEST:
        raise BrokenPickle(f"is a pickle of the unknown protocol {number}")


_NAMING = ("GLOBAL", "INST")
"""Their arguments are read by us: pickletools takes backslashes in them for escapes."""

_ACTS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _protocol,
    "FRAME": lambda machine, _: None,
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_SET": lambda machine, _: machine.push(set()),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"), _Machine.push),
    **dict.fromkeys(("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"), _Machine.push),
    **dict.fromkeys(("SHORT_BINBYTES", "BINBYTES", "BINBYTES8"), _Machine.push),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _Machine.put),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _Machine.get),
    "MEMOIZE": _Machine.memoize,
    "MARK": _Machine.mark,
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "ADDITEMS": _Machine.add_items,
    "GLOBAL": _Machine.name_in_lines,
    "INST": _Machine.instance,
    "STACK_GLOBAL": _Machine.name_on_stack,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent_id,
}
"""Instruction → what it does. All others are refused: extensions, buffers, those of protocols 0 and 1."""

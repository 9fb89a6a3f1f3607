"""Whatever a StyleGAN checkpoint says is refused or read: never carried out, and never dearer than its size allows."""

from __future__ import annotations

import pickle
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.official import Network, read_generator, read_networks
from tests.models.official_pickles import Persistent, official_bytes
from tests.security.opcodes import (
    BUILD,
    CALL,
    NEW,
    blob,
    checkpoint,
    mapping,
    module,
    name,
    number,
    pickled,
    saved_storage,
    several,
    storage,
    tensor,
    words,
)
from tests.security.pickles import FORMS, Call, as_old_torch, plain, tricks

QUICK_S = 20
"""Reading may take a million steps; what takes longer than this hangs."""

READERS: list[Callable[[Path], object]] = [read_networks, read_generator]
GOOD = saved_storage([1, 2, 3, 4])
TRICKS = tricks(Path("canary"))
OBJECTS = [trick for trick, made in TRICKS.items() if not isinstance(made, bytes)]


def refusal(path: Path, data: bytes) -> str:
    """The sentence that both readers refuse the file with."""
    path.write_bytes(data)
    said = []
    for read in READERS:
        with pytest.raises(ModelError) as caught:
            read(path)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert said[0].startswith(f"{path}:")
    assert "\n" not in said[0]
    return said[0].removeprefix(f"{path}:").strip()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evil.pkl"


def _within(trick: Any) -> dict[str, bytes]:
    """Where in an official file the trick may sit → the file."""
    tensors = {"w": torch.ones(2)}
    return {
        "instead of a network": official_bytes({}, G_ema=trick),
        "beside the networks": official_bytes({"G_ema": ("Generator", {}, tensors)}, beside=[trick]),
        "among the arguments": official_bytes({"G_ema": ("Generator", {"deep": {"er": (trick,)}}, tensors)}),
        "among the attributes": official_bytes({"G_ema": ("Generator", {}, {**tensors, "b4.hook": trick})}),
        "instead of the source": official_bytes({"G_ema": ("Generator", {}, tensors)}, source=trick),
        "as a class's name": official_bytes({"G_ema": (trick, {}, tensors)}),
        "in a storage": checkpoint(_buffers=mapping(w=tensor(storage(as_old_torch(trick))))),
    }


PLACES = list(_within(1))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("trick", OBJECTS)
def test_no_trick_within_a_checkpoint_is_carried_out(path: Path, trick: str, place: str) -> None:
    canary = path.parent / "canary"
    said = refusal(path, _within(tricks(canary)[trick])[place])
    assert not canary.exists()
    assert said.startswith("names ")
    assert "as no official StyleGAN checkpoint does; nothing in it was executed" in said
    assert ("within a tensor" in said) == (place == "in a storage")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_in_any_form_is_carried_out(path: Path, trick: str, form: str) -> None:
    canary = path.parent / "canary"
    assert refusal(path, FORMS[form](tricks(canary)[trick]))
    assert not canary.exists()


def test_the_tricks_work_in_a_checkpoint_that_python_reads(path: Path) -> None:
    canary = path.parent / "canary"
    data = official_bytes({}, G_ema=tricks(canary)["eval"])
    with pytest.raises(ModuleNotFoundError, match="dnnlib"):
        pickle.loads(data)  # noqa: S301 - that it is carried out is the point
    assert canary.exists()


@pytest.mark.parametrize(
    ("instructions", "named"),
    [
        (name("os", "system") + several(words("true")) + CALL, "os.system"),
        (words("os") + words("system") + b"\x93" + several(words("true")) + CALL, "os.system"),
        (words("torch._utils") + words("os.system") + b"\x93", "torch._utils.os.system"),
        (b"(" + words("true") + b"ios\nsystem\n", "os.system"),
        (b"(" + name("os", "system") + words("true") + b"o", "os.system"),
        (name("builtins", "getattr"), "builtins.getattr"),
        (name("collections", "OrderedDict.__init__.__globals__"), "collections.OrderedDict.__init__.__globals__"),
        (name("torch", "FloatStorage"), "torch.FloatStorage"),
        (name("torch", "load"), "torch.load"),
        (name("torch._utils", "_rebuild_tensor"), "torch._utils._rebuild_tensor"),
        (name("torch.nn.parallel.data_parallel", "DataParallel"), "torch.nn.parallel.data_parallel.DataParallel"),
        (name("numpy", "load"), "numpy.load"),
        (name("dnnlib.util", "call_func_by_name"), "dnnlib.util.call_func_by_name"),
        (name("torch_utils.persistence", "_src_to_module"), "torch_utils.persistence._src_to_module"),
        (name("os\\x2esystem", "a\rb"), "os\\x2esystem.a?b"),
        (name("x" * 1000, "y"), "x" * 80),
    ],
)
def test_a_foreign_name_is_told(path: Path, instructions: bytes, named: str) -> None:
    for data in (pickled(instructions), checkpoint(_buffers=mapping(w=instructions))):
        assert refusal(path, data).startswith(f"names {named}, as no official StyleGAN checkpoint does; nothing")


def test_a_foreign_name_of_an_old_protocol_is_told(path: Path) -> None:
    assert refusal(path, b"cos\nsystem\n(Vtrue\ntR.").startswith("names os.system, as no official")
    assert refusal(path, b"(Vtrue\nios\nsystem\n.").startswith("is no pickle of a network")


def test_nothing_that_a_file_names_is_imported(path: Path) -> None:
    assert "this" not in sys.modules
    assert refusal(path, pickled(name("this", "s"))).startswith("names this.s")
    assert "this" not in sys.modules


def test_python_is_never_asked_to_find_a_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("was asked")

    for module_of, called in ((pickle, "Unpickler"), (pickle, "loads"), (pickle, "load"), (torch, "load")):
        monkeypatch.setattr(module_of, called, refused)
    path.write_bytes(official_bytes({"G_ema": ("Generator", {"a": {"b": 1}}, {"w": torch.ones(2)})}))
    assert read_generator(path).tensors["w"].tolist() == [1, 1]


RECONSTRUCT = name("torch_utils.persistence", "_reconstruct_persistent_obj")
DTYPE = name("numpy", "dtype") + several(words("f8"), b"\x89", b"\x88") + CALL
OBJECT_DTYPE = name("numpy", "dtype") + several(words("O8"), b"\x89", b"\x88") + CALL
ARRAY = (
    name("numpy._core.multiarray", "_reconstruct") + several(name("numpy", "ndarray"), b"K\x00\x85", blob(b"b")) + CALL
)


def _array(shape: bytes, kind: bytes = DTYPE, data: bytes = blob(bytes(8))) -> bytes:
    return ARRAY + several(b"K\x01", shape, kind, b"\x89", data) + BUILD


ODD = {
    "extension": (b"\x82\x01", "uses the pickle instruction EXT1"),
    "wide extension": (b"\x83\x01\x00", "uses the pickle instruction EXT2"),
    "widest extension": (b"\x84\x01\x00\x00\x00", "uses the pickle instruction EXT4"),
    "persistent id": (words("x") + b"Q", "refers to objects outside of it by a persistent id"),
    "persistent id in a line": (b"Px\n", "uses the pickle instruction PERSID"),
    "object of a known name": (b"(" + RECONSTRUCT + b"o", "uses the pickle instruction OBJ"),
    "instance of a known name": (b"(icollections\nOrderedDict\n", "uses the pickle instruction INST"),
    "known name with keywords": (RECONSTRUCT + b")}\x92", "uses the pickle instruction NEWOBJ_EX"),
    "buffer": (b"\x97", "uses the pickle instruction NEXT_BUFFER"),
    "room for a buffer": (b"\x96" + struct.pack("<Q", 1 << 60), "uses the pickle instruction BYTEARRAY8"),
    "words of Python 2": (b"U\x01x", "uses the pickle instruction SHORT_BINSTRING"),
    "doubling": (b"]" + b"2a" * 64, "uses the pickle instruction DUP"),
    "called number": (b"K\x01)R", "calls what is no function"),
    "called word": (words("os.system") + several(words("true")) + CALL, "calls what is no function"),
    "called network": (module() + b")" + CALL, "calls what is no function"),
    "called with a dict": (RECONSTRUCT + b"}" + CALL, "calls what is no function"),
    "called type": (name("numpy", "ndarray") + b")" + NEW, "calls what is only ever named"),
    "state of a function": (RECONSTRUCT + mapping(__globals__=b"}") + BUILD, ""),
    "state of a type": (name("collections", "OrderedDict") + mapping(__new__=b"N") + BUILD, ""),
    "state of a network": (module() + mapping(class_name=words("x")) + BUILD, ""),
    "state of a number": (b"K\x01" + mapping(real=b"N") + BUILD, ""),
    "slots of a dict": (b"}" + b"N" + mapping(__class__=RECONSTRUCT) + b"\x86" + BUILD, "sets the state of what has"),
    "number as a key": (b"}" + b"K\x01K\x02s", "has something else than a word where a name belongs"),
    "tuple in a set": (b"\x8f(" + b")" + b"\x85" * 9 + b"\x90", "has something else than a word"),
    "mapping of pairs": (name("collections", "OrderedDict") + several(b"]") + CALL, "makes a mapping in an odd way"),
    "set of a word": (name("builtins", "set") + several(words("abc")) + CALL, "makes a set of something else"),
    "other coding": (name("_codecs", "encode") + several(words("x"), words("rot13")) + CALL, "has bytes in another"),
    "function for a class": (RECONSTRUCT + several(mapping(type=words("func"))) + CALL, "holds a persistent object"),
    "persistent without state": (RECONSTRUCT + several(mapping(type=words("class"))) + CALL, "holds a persistent"),
    "objects of NumPy": (OBJECT_DTYPE, "has NumPy values that are no plain numbers"),
    "records of NumPy": (DTYPE + several(b"K\x03", words("|"), *[b")"] * 6) + BUILD, "has NumPy values that are no"),
    "list for an array's bytes": (_array(b"K\x01\x85", data=b"]"), "has NumPy values that are no plain numbers"),
    "array of a longer shape": (_array(b"K\x02\x85"), "has a NumPy array of another size than its shape says"),
    "array of a negative shape": (_array(number(-1) + b"\x85"), "has a shape that is none"),
    "array of no size and endless": (_array(several(b"K\x00", number(1 << 62)), data=blob(b"")), "has a shape that"),
    "array of something": (
        name("numpy._core.multiarray", "_reconstruct") + several(RECONSTRUCT, b")", b")") + CALL,
        "has NumPy values that are no plain numbers",
    ),
    "number of few bytes": (
        name("numpy.core.multiarray", "scalar") + several(DTYPE, blob(b"1")) + CALL,
        "has NumPy values that are no plain numbers",
    ),
    "storage of words": (name("torch.storage", "_load_from_bytes") + several(words("x")) + CALL, "has a storage that"),
    "storage of nothing": (storage(b""), "has a storage that breaks off"),
    "storage of something": (storage(b"\x80\x02K\x01."), "has a storage that torch.save did not write"),
    "storage in an archive": (storage(FORMS["torch"](1)), ""),
    "storage that is cut": (storage(GOOD[:-1]), "has a storage of another size than it says"),
    "storage that breaks off": (storage(GOOD[:100]), "has a storage that breaks off"),
    "storage that says more": (
        storage(GOOD[:-24] + struct.pack("<q", 1 << 40) + GOOD[-16:]),
        "has a storage of another",
    ),
    "storage within a storage": (storage(as_old_torch(pickled(storage(GOOD)))), "names torch.storage._load_from_bytes"),
    "tensor over nothing": (tensor(b"N"), "has a tensor without a storage or with odd strides"),
    "tensor of a longer shape": (tensor(storage(GOOD), shape=b"K\x05\x85"), "has a tensor that is larger than its"),
    "tensor beyond the end": (tensor(storage(GOOD), offset=b"K\x01"), "has a tensor that is larger than its storage"),
    "tensor before the start": (tensor(storage(GOOD), offset=number(-1)), "has a shape that is none"),
    "tensor of wide strides": (tensor(storage(GOOD), strides=b"K\x02\x85"), "has a tensor that is larger than its"),
    "tensor of negative strides": (tensor(storage(GOOD), strides=number(-1) + b"\x85"), "has a shape that is none"),
    "one number everywhere": (
        tensor(storage(GOOD), shape=number(1 << 39) + b"\x85", strides=b"K\x00\x85"),
        "has a tensor that is larger than its storage",
    ),
    "endless shape": (tensor(storage(GOOD), shape=number(1 << 900) + b"\x85"), "has a shape that is none"),
    "shape of truths": (tensor(storage(GOOD), shape=b"\x88\x85"), "has a shape that is none"),
    "many axes": (tensor(storage(GOOD), shape=several(*[b"K\x01"] * 99)), "has a shape that is none"),
    "few strides": (tensor(storage(GOOD), strides=b")"), "has a tensor without a storage or with odd strides"),
    "empty and endless": (
        tensor(
            storage(GOOD), shape=several(b"K\x00", number(1 << 39), number(1 << 39)), strides=several(*[b"K\x01"] * 3)
        ),
        "has a shape that is none",
    ),
    "parameter of a word": (
        name("torch._utils", "_rebuild_parameter") + several(words("x"), b"\x89", b"}") + CALL,
        "has a parameter that is no tensor",
    ),
    "value of the memo that is none": (b"h\x07", "is damaged near byte"),
    "end without a value": (b"", ""),
    "mark that is none": (b"t", "is damaged near byte"),
    "unknown instruction": (b"\xff", "is damaged near byte"),
    "longest word": (b"\x8d" + struct.pack("<Q", 1 << 62), "breaks off after"),
    "longest bytes": (b"\x8e" + struct.pack("<Q", (1 << 64) - 1), ""),
}
"""What is odd → the instructions for it, and how the sentence begins."""


@pytest.mark.parametrize("what", ODD)
def test_odd_instructions_are_refused(path: Path, what: str) -> None:
    instructions, sentence = ODD[what]
    assert refusal(path, pickled(instructions)).startswith(sentence)


WITHIN = {
    "modules without names": (mapping(_modules=b"]"), "G_ema has _modules without names"),
    "module that is a number": (mapping(_modules=mapping(a=b"K\x01")), "G_ema has a module a that is none"),
    "tensor that is a word": (mapping(_buffers=mapping(a=words("x"))), "G_ema has a tensor a that is none"),
    "tensor with dots in its name": (
        mapping(_buffers=mapping(**{"a.b\n": b"K\x01"})),
        "G_ema has the odd name a.b? in _buffers",
    ),
    "tensor twice": (
        mapping(_buffers=mapping(a=tensor(storage(GOOD))), _parameters=mapping(a=tensor(storage(GOOD)))),
        "G_ema has two tensors a",
    ),
    "module among the arguments": (mapping(_init_kwargs=mapping(a=module())), "G_ema was made with arguments that"),
    "arguments without names": (mapping(_init_kwargs=b"]"), "G_ema was made with arguments that have no names"),
    "list in itself": (
        mapping(_init_kwargs=b"}" + words("a") + b"]q\x01h\x01as"),
        "G_ema has lists in lists without end",
    ),
}
"""What is odd in a network → its state, and how the sentence begins."""


@pytest.mark.parametrize("what", WITHIN)
def test_odd_networks_are_refused(path: Path, what: str) -> None:
    state, sentence = WITHIN[what]
    assert refusal(path, pickled(mapping(G_ema=_made(state)))).startswith(sentence)


def test_a_module_in_itself_is_refused(path: Path) -> None:
    made = _made(b"}q\x01(" + words("_modules") + b"}q\x02" + words("_buffers") + b"}u") + b"q\x03"
    # The module is put among its own modules once it is made.
    data = pickled(mapping(G_ema=made, training_set_kwargs=b"h\x02" + words("again") + b"h\x03s"))
    assert refusal(path, data).startswith("G_ema has modules in modules without end")


def _made(state: bytes) -> bytes:
    """A network of any state."""
    return RECONSTRUCT + several(mapping(type=words("class"), class_name=words("Generator"), state=state)) + CALL


def _nested(depth: int) -> bytes:
    """Lists in lists, each twice in the next: 2^depth values that take 5 bytes each."""
    return b"]q\x00" + b"".join(b"](h%ch%ceq%c" % (at, at, at + 1) for at in range(depth))


def _modules_twice(depth: int) -> bytes:
    made = module() + b"q\x00"
    for at in range(depth):
        made += module(_modules=mapping(a=b"h%c" % at, b=b"h%c" % at)) + b"q%c" % (at + 1)
    return made


def _wide(count: int, per_item: bytes) -> bytes:
    """A dict with so many items of the same value, which lies in the memo."""
    items = b"".join(words(f"n{at}") + per_item for at in range(count))
    return b"}(" + items + b"u"


SAVED_BIG = saved_storage([0.0] * 1_000_000)

BOMBS: dict[str, Callable[[], bytes]] = {
    "lists doubled within the arguments": lambda: checkpoint(_init_kwargs=mapping(a=_nested(200))),
    "lists doubled and never looked at": lambda: pickled(mapping(a=_nested(200))),
    "modules doubled": lambda: pickled(mapping(G_ema=_modules_twice(15))),
    "one list in many arguments": lambda: checkpoint(
        _init_kwargs=mapping(a=b"](" + b"N" * 2000 + b"e" + b"q\x00", b=b"](" + b"h\x00" * 2000 + b"e")
    ),
    "one tensor in many places": lambda: checkpoint(
        x=tensor(storage(SAVED_BIG), shape=number(1_000_000) + b"\x85") + b"q\x00", _buffers=_wide(2000, b"h\x00")
    ),
    "tensors of two ends of one storage": lambda: checkpoint(
        x=storage(SAVED_BIG) + b"q\x00",
        _buffers=_wide(2000, tensor(b"h\x00", shape=b"K\x02\x85", strides=number(999_999) + b"\x85")),
    ),
    "one word made into bytes often": lambda: pickled(
        words("x" * 4_000_000)
        + b"q\x00]q\x01("
        + (name("_codecs", "encode") + several(b"h\x00", words("latin1")) + CALL) * 2000
        + b"e"
    ),
    "bytes read as storages often": lambda: pickled(
        blob(GOOD) + b"q\x00](" + (name("torch.storage", "_load_from_bytes") + b"h\x00\x85" + CALL) * 100_000 + b"e"
    ),
    "state set often": lambda: pickled(_wide(50_000, b"N") + b"q\x00}(" + words("a") + (b"}h\x00b") * 50_000 + b"u"),
    "endless instructions": lambda: pickled(b"](" + b"\x8f" * 600_000 + b"e"),
    "tuples in tuples": lambda: pickled(b")" + b"\x85" * 900_000),
    "tuples in tuples as a key": lambda: pickled(b"})" + b"\x85" * 900_000 + b"Ns"),
    "networks in networks": lambda: pickled(b"N" + b"".join([_put_in_a_module()] * 30_000)),
    "marks": lambda: pickled(b"(" * 900_000),
    "many networks over one storage": lambda: pickled(
        b"}("
        + words("s")
        + tensor(storage(SAVED_BIG), shape=number(1_000_000) + b"\x85")
        + b"q\x00"
        + b"".join(words(f"n{at}") + module(_buffers=mapping(w=b"h\x00")) for at in range(500))
        + b"u"
    ),
    "rows that are empty": lambda: checkpoint(
        _init_kwargs=mapping(a=_array(several(number(1 << 30), b"K\x00"), data=blob(b"")))
    ),
}
"""Small files that would unpack to more than any memory, or take longer than any patience."""


def _put_in_a_module() -> bytes:
    """Puts what is on the stack into a module's state, and the module in its place."""
    return (
        b"q\x00" + RECONSTRUCT + b"}(" + words("type") + words("class") + words("class_name") + words("x")
        + words("state") + b"}" + words("a") + b"h\x00s" + b"u\x85" + CALL
    )  # fmt: skip


def _big_module() -> bytes:
    return module(_buffers=mapping(w=tensor(storage(SAVED_BIG), shape=number(1_000_000) + b"\x85")))


@pytest.mark.parametrize("what", BOMBS)
def test_small_files_stay_small(path: Path, what: str) -> None:
    path.write_bytes(BOMBS[what]())
    began = time.process_time()
    with pytest.raises(ModelError):
        read_networks(path)
    assert time.process_time() - began < QUICK_S


def test_one_network_under_two_names_is_read_once(path: Path) -> None:
    path.write_bytes(pickled(b"}(" + words("G") + _big_module() + b"q\x00" + words("G_ema") + b"h\x00u"))
    networks = read_networks(path)
    assert networks["G"] is networks["G_ema"]


def test_a_file_with_more_behind_its_end_is_read_to_its_end(path: Path) -> None:
    canary = path.parent / "canary"
    path.write_bytes(official_bytes({"G_ema": ("Generator", {}, {"w": torch.ones(2)})}) + plain(tricks(canary)["eval"]))
    assert isinstance(read_generator(path), Network)
    assert not canary.exists()


def test_call_of_a_foreign_class_by_a_persistent_one_is_told(path: Path) -> None:
    evil = Persistent("Generator", {"_modules": {"a": Call(print, "x")}}, "")
    assert refusal(path, official_bytes({}, G_ema=evil)).startswith("names builtins.print")

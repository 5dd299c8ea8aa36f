"""The readers of data files beside NumPy, SciPy and scikit-learn: what they read alike, and what they refuse."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adambench.data import array as arrays
from adambench.data.beside import File
from adambench.data.form import dense, sparse
from adambench.data.formats import all_readers, reader_of
from adambench.data.numerals import NUMERAL, Numerals
from adambench.data.reader import Request
from adambench.data.rows import DataError, Rows, Samples

RANDOM = np.random.default_rng(7)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, name: str, content: bytes, format: str | None = None, **request: Any) -> Rows | Samples:
    (folder / name).write_bytes(content)
    file = File(folder, name)
    if "labels" in request:
        request["labels"] = File(folder, request["labels"])
    return reader_of(file, format).read(file, Request(**request))


def saved(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def archived(**named: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **named)
    return stream.getvalue()


def packed(matrix: Any, compressed: bool = True) -> bytes:
    stream = io.BytesIO()
    scipy.sparse.save_npz(stream, matrix, compressed=compressed)
    return stream.getvalue()


CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx(array: np.ndarray) -> bytes:
    """By the description of the format, an element at a time."""
    letters = {"u1": "B", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "f8": "d"}
    kind = array.dtype.str[1:]
    head = bytes([0, 0, CODES[kind], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + struct.pack(f">{array.size}{letters[kind]}", *array.ravel().tolist())


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return str(caught.value)


# Numerals


def read_numerals(tokens: list[str]) -> np.ndarray | None:
    numerals = Numerals(" ".join(tokens).encode())
    blank = numerals.bytes <= 32
    return numerals.reals(np.flatnonzero(blank[:-1] > blank[1:]) + 1, np.flatnonzero(blank[:-1] < blank[1:]) + 1)


def bits(numbers: Any) -> bytes:
    return np.asarray(numbers, np.float64).tobytes()


def test_numbers_are_the_nearest_there_are() -> None:
    tokens = [repr(number) for number in (RANDOM.random(20_000) * 10.0 ** RANDOM.integers(-8, 12, 20_000)).tolist()]
    for count in range(1, 22):
        digits = ["".join(map(str, RANDOM.integers(0, 10, count))) for _ in range(500)]
        tokens += [
            digit[:place] + "." + digit[place:] for digit in digits for place in RANDOM.integers(0, count + 1, 3)
        ]
    # Exactly between two numbers, and next to that: where a rounding too many shows.
    for odd in (2 * RANDOM.integers(2**52, 2**53, 5000) + 1).tolist():
        half = str(odd * 5)
        tokens += [f"{half[:-1]}.{half[-1]}", f"{half[:-1]}.{half[-1]}1", str(odd), f"{odd}.0", f"{odd}.1"]
    tokens += [
        sign + token for sign in "+-" for token in ("0", ".5", "0.0", "1.", "12345678", "123456789.5", "1e-7", "00")
    ]
    assert bits(read_numerals(tokens)) == bits([float(token) for token in tokens])


@given(st.lists(st.text("0123456789+-.eE", min_size=1, max_size=12), min_size=1, max_size=4))
@settings(max_examples=500, deadline=None)
def test_what_is_no_numeral_is_refused(tokens: list[str]) -> None:
    fine = all(NUMERAL.fullmatch(token.encode()) and np.isfinite(float(token)) for token in tokens)
    found = read_numerals(tokens)
    assert (found is not None) == fine
    if fine:
        assert bits(found) == bits([float(token) for token in tokens])


@given(st.lists(st.text("0123456789", min_size=1, max_size=20), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_whole_numbers_of_any_length(tokens: list[str]) -> None:
    numerals = Numerals(" ".join(tokens).encode())
    blank = numerals.bytes <= 32
    found = numerals.whole(np.flatnonzero(blank[:-1] > blank[1:]) + 1, np.flatnonzero(blank[:-1] < blank[1:]) + 1)
    expected = [int(token) for token in tokens] if all(int(token) < 10**18 for token in tokens) else None
    assert (None if found is None else found.tolist()) == expected


# Which reader


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("rows.svm", b"", "svmlight"),
        ("rows.libsvm.gz", b"", "svmlight"),
        ("rows.txt", b"\x93NUMPY", "svmlight"),
        ("rows", b"1 1:1\n", "svmlight"),
        ("rows.unheard-of", gzip.compress(saved(np.ones((2, 2))), mtime=0), "npy"),
        ("a9a", saved(np.ones((2, 2))), "npy"),
        ("rows.NPY", b"", "npy"),
        ("rows.csv.gz", b"", "csv"),
        ("rows.tsv", b"", "csv"),
        ("rows.npz", b"", "npz"),
        ("archive", archived(X=np.ones((2, 2))), "npz"),
        ("train-images-idx3-ubyte.gz", b"", "idx"),
        ("train-images.idx3-ubyte", b"", "idx"),
        ("images", idx(np.zeros((2, 3), np.uint8)), "idx"),
        ("data_batch_1.bin", b"", "cifar"),
    ],
)
def test_the_format_is_told_from_the_name_or_else_the_first_bytes(
    tmp_path: Path, name: str, content: bytes, format: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert reader_of(File(tmp_path, name)).name == format
    for given_name, reader in all_readers().items():
        assert reader_of(File(tmp_path, name), given_name) is reader


# NPY


@pytest.mark.parametrize("kind", ["?", "i1", "u1", "<i2", ">i2", "<u4", ">i8", "<u8", "<f2", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("shape", [(3, 4), (5, 1), (2, 3, 4), (2, 3, 2, 2)])
def test_npy_is_what_numpy_saved(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    values = RANDOM.integers(0, 100, shape).astype(kind)
    for array in (values, np.asfortranarray(values)):
        for content in (saved(array), gzip.compress(saved(array))):
            samples = read(tmp_path, "a.npy", content)
            assert isinstance(samples, Samples)
            assert samples.inputs.tolist() == values.astype(np.float64).reshape(shape[0], -1).tolist()
            assert samples.inputs.flags.c_contiguous
            assert samples.inputs.dtype == np.float64
            assert samples.image == {2: None, 3: (1, *shape[1:]), 4: shape[1:]}[len(shape)]
            assert samples.labels is None


def test_no_header_is_evaluated_and_no_object_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "touched",))

    contents = {
        "object": saved(np.array([[Bomb()]], dtype=object)),
        "text": saved(np.array([["a"]])),
        "complex": saved(np.ones((2, 2), complex)),
        "records": saved(np.ones(2, [("a", "f8")])),
        "five": saved(np.ones((1,) * 5)),
        "one": saved(np.ones(3)),
        "NaN": saved(np.array([[1.0, np.nan]])),
        "infinite": saved(np.array([[1.0, -np.inf]])),
    }
    for content in contents.values():
        assert refused(lambda content=content: read(tmp_path, "a.npy", content)).startswith("a.npy:")
    assert "[0, 1]" in refused(lambda: read(tmp_path, "a.npy", contents["NaN"]))
    evil = b"{'descr': '<f8', 'fortran_order': False, 'shape': (__import__('os').getpid(),), }"
    text = b"\x93NUMPY\1\0" + struct.pack("<H", len(evil)) + evil
    assert "byte 10" in refused(lambda: read(tmp_path, "a.npy", text))
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("shape", ["(10000000000000,)", "(99999999,99999999)", "(0,9999999999999)", "(4294967296,2)"])
def test_a_claim_is_compared_with_what_there_is(tmp_path: Path, shape: str) -> None:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    content = b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + b"\0" * 64
    huge = b"\x93NUMPY\2\0" + struct.pack("<I", 0xFFFFFFFF) + head
    images = bytes([0, 0, 14, 3]) + b"\xff" * 12
    tracemalloc.start()
    try:
        for name, bad in (
            ("a.npy", content),
            ("a.npy", huge),
            ("a-ubyte", images),
            ("a.npz", zipped({"X.npy": content})),
        ):
            assert refused(lambda name=name, bad=bad: read(tmp_path, name, bad)).startswith(name)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


# IDX and CIFAR


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("shape", [(4, 3), (3, 2, 5), (2, 3, 2, 2)])
def test_idx_of_every_type(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    values = RANDOM.integers(-100 if kind != "u1" else 0, 100, shape).astype(kind)
    labels = RANDOM.integers(0, 10, shape[0]).astype("u1")
    (tmp_path / "labels").write_bytes(gzip.compress(idx(labels)))
    for content in (idx(values), gzip.compress(idx(values))):
        samples = read(tmp_path, "images-ubyte", content, labels="labels")
        assert isinstance(samples, Samples)
        assert samples.inputs.tolist() == values.reshape(shape[0], -1).astype(float).tolist()
        assert samples.labels is not None
        assert samples.labels.tolist() == labels.tolist()
        assert samples.image == {2: None, 3: (1, *shape[1:]), 4: shape[1:]}[len(shape)]
    (tmp_path / "labels").write_bytes(idx(labels[1:]))
    assert "expected a label for each of" in refused(lambda: read(tmp_path, "i-ubyte", idx(values), labels="labels"))


def test_cifar_records(tmp_path: Path) -> None:
    labels, pixels = RANDOM.integers(0, 10, 5).astype("u1"), RANDOM.integers(0, 256, (5, 3, 32, 32)).astype("u1")
    content = b"".join(bytes([label]) + image.tobytes() for label, image in zip(labels, pixels, strict=True))
    samples = read(tmp_path, "data_batch_1.bin", content)
    assert isinstance(samples, Samples)
    assert samples.image == (3, 32, 32)
    assert samples.labels is not None
    assert samples.labels.tolist() == labels.tolist()
    assert (samples.inputs.reshape(5, 3, 32, 32) == pixels).all()
    assert "a.bin: byte 12292" in refused(lambda: read(tmp_path, "a.bin", content[:-1]))
    assert "byte 3073: expected a label from 0 to 9, got 10" in refused(
        lambda: read(tmp_path, "a.bin", content[:3073] + b"\n" + content[3074:])
    )


# NPZ


def random_matrix(rows: int = 9, columns: int = 7, density: float = 0.3) -> Any:
    return scipy.sparse.random_array((rows, columns), density=density, rng=RANDOM, format="csr")


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_sparse_matrix_is_what_scipy_saved(tmp_path: Path, form: str, compressed: bool) -> None:
    for density in (0.0, 0.02, 0.4, 1.0):
        matrix = random_matrix(density=density).asformat(form)
        rows = read(tmp_path, "a.npz", packed(matrix, compressed))
        expected = scipy.sparse.load_npz(tmp_path / "a.npz").tocsr()
        expected.sort_indices()
        assert isinstance(rows, Rows)
        assert (rows.values.tolist(), rows.indices.tolist()) == (expected.data.tolist(), expected.indices.tolist())
        assert (rows.starts.tolist(), rows.features) == (expected.indptr.tolist(), 7)
        assert (dense(rows).inputs == matrix.toarray()).all()
        assert rows.labels is None


def parts_of(matrix: Any, **changed: Any) -> bytes:
    named = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": np.array(matrix.shape)}
    return archived(**{**named, "format": np.array(b"csr"), **changed})


def test_the_parts_of_a_sparse_matrix_must_fit(tmp_path: Path) -> None:
    matrix = random_matrix(density=0.5)
    labels = np.arange(9)
    found = read(tmp_path, "a.npz", parts_of(matrix, y=labels))
    assert isinstance(found, Rows)
    assert found.labels is not None
    assert found.labels.tolist() == labels.tolist()
    unsorted = matrix.copy()
    for first, last in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        unsorted.indices[first:last] = unsorted.indices[first:last][::-1].copy()
        unsorted.data[first:last] = unsorted.data[first:last][::-1].copy()
    assert (dense(read(tmp_path, "a.npz", parts_of(unsorted))).inputs == matrix.toarray()).all()
    twice = matrix.indices.copy()
    start = matrix.indptr[np.flatnonzero(np.diff(matrix.indptr) > 1)[0]]
    twice[start + 1] = twice[start]
    for changed in (
        {"indices": twice},
        {"indices": matrix.indices + 7},
        {"indices": -1 - matrix.indices},
        {"indices": matrix.indices.astype(float)},
        {"indices": matrix.indices.astype("u8") + np.uint64(1 << 63)},
        {"indices": matrix.indices[:-1]},
        {"indptr": matrix.indptr[::-1]},
        {"indptr": matrix.indptr + 1},
        {"indptr": matrix.indptr[1:]},
        {"indptr": np.full(10, 1 << 62)},
        {"data": matrix.data[:-1]},
        {"data": matrix.data * np.nan},
        {"shape": np.array([9, 0])},
        {"shape": np.array([9, 1 << 60])},
        {"shape": np.array([1 << 60, 7])},
        {"shape": np.array([-9, 7])},
        {"shape": np.array([9, 7, 1])},
        {"format": np.array(b"coo")},
        {"format": np.array([b"csr"])},
        {"format": np.array("csr")},
        {"y": np.arange(8)},
        {"y": np.ones((9, 2))},
    ):
        assert refused(lambda changed=changed: read(tmp_path, "a.npz", parts_of(matrix, **changed))).startswith("a.npz")


def test_a_matrix_by_columns_cannot_claim_more_rows_than_it_may_have(tmp_path: Path) -> None:
    """Nothing in the file grows with its empty rows."""
    columns = {
        "indptr": np.array([0, 1, 2]),
        "indices": np.array([5, 0]),
        "data": np.ones(2),
        "format": np.array(b"csc"),
    }
    claimed = archived(**columns, shape=np.array([1 << 30, 2]))
    assert len(claimed) < 1500
    tracemalloc.start()
    try:
        assert "expected at most 1,048,576 rows more than the 2 numbers there are, got 1,073,741,824 rows" in refused(
            lambda: read(tmp_path, "a.npz", claimed)
        )
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    found = read(tmp_path, "a.npz", archived(**columns, shape=np.array([1000, 2])))
    assert (found.count, found.features) == (1000, 2)
    many = archived(**columns, shape=np.array([2_000_000, 2]), y=RANDOM.integers(0, 2, 2_000_000).astype(np.int8))
    assert read(tmp_path, "a.npz", many).count == 2_000_000


def test_dense_arrays_by_their_names(tmp_path: Path) -> None:
    inputs, labels = RANDOM.normal(size=(6, 4)), RANDOM.integers(0, 3, 6)
    for content in (
        archived(X=inputs, y=labels),
        archived(data=inputs, target=labels),
        archived(x_train=inputs, y=labels),
    ):
        for whole in (content, gzip.compress(content)):
            samples = read(tmp_path, "a.npz", whole)
            assert isinstance(samples, Samples)
            assert samples.inputs.tolist() == inputs.tolist()
            assert samples.labels is not None
            assert samples.labels.tolist() == labels.tolist()
    assert read(tmp_path, "a.npz", archived(X=inputs, y=labels), label=False).labels is None
    assert read(tmp_path, "a.npz", archived(X=inputs)).labels is None
    other = read(tmp_path, "a.npz", archived(X=inputs, y=labels, sign=-labels), label="sign").labels
    assert other is not None
    assert other.tolist() == (-labels).tolist()
    assert "called 'absent'" in refused(lambda: read(tmp_path, "a.npz", archived(X=inputs), label="absent"))
    assert "expected an array called" in refused(lambda: read(tmp_path, "a.npz", archived(Z=inputs)))


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.comment = comment
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_archives_that_are_traps(tmp_path: Path) -> None:
    good = saved(np.ones((2, 2)))
    bomb = saved(np.zeros((40, 1_000_000), np.uint8))
    traps = {
        "bomb": zipped({"X.npy": bomb}),
        "bomb beside": zipped({"X.npy": bomb, "y.npy": good}),
        "program": zipped({"X.npy": good, "setup.py": b"1/0"}),
        "outside": zipped({"../X.npy.pkl": good}),
        "pickle": zipped({"X.npy": b"\x80\x04K\x01."}),
        "method": zipped({"X.npy": good}, zipfile.ZIP_LZMA),
        "comment": zipped({"X.npy": good}, comment=b"c" * 100),
        "text": b"X.npy",
        "empty": b"",
        "no entry": zipped({}),
    }
    tracemalloc.start()
    try:
        for name, content in traps.items():
            assert refused(lambda content=content: read(tmp_path, "a.npz", content)).startswith("a.npz"), name
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()
    many = bytearray(zipped({"X.npy": good}))
    many[-10:-6] = struct.pack("<I", 1 << 30)
    assert "directory" in refused(lambda: read(tmp_path, "a.npz", bytes(many)))


# CSV


@given(
    st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.floats(-1e300, 1e300).map(repr), min_size=columns, max_size=columns), min_size=1, max_size=6
        )
    ),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
@FUZZ
def test_csv_is_read_as_numpy_reads_it(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str, header: bool, quoted: bool
) -> None:
    names = [f'"col {number}{delimiter}"' for number in range(len(rows[0]))]
    lines = [delimiter.join(names)] * header
    lines += [
        delimiter.join(f'"{cell}"' if quoted and place == 0 else cell for place, cell in enumerate(row)) for row in rows
    ]
    content = (end.join(lines) + end).encode()
    (tmp_path / "a.csv").write_bytes(content)
    found = arrays.array(tmp_path, "a.csv")
    expected = np.loadtxt(io.BytesIO(content), delimiter=delimiter, quotechar='"', skiprows=int(header), ndmin=2)
    assert found.tolist() == (expected[:, 0] if expected.shape[1] == 1 else expected).tolist()
    if expected.shape[1] > 1:
        samples = read(tmp_path, "a.csv", content)
        assert isinstance(samples, Samples)
        assert samples.labels is not None
        assert np.column_stack((samples.inputs, samples.labels)).tolist() == expected.tolist()


def test_the_label_by_number_or_name(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf\n\nlabel,a,"b, c"\n1,2,3\n\n4, 5 ,6e0\r\n7,8,9'
    for label, column in ((None, 2), (0, 0), (-2, 1), ("label", 0), ("b, c", 2), ("a", 1)):
        samples = read(tmp_path, "a.csv", content, label=label)
        assert isinstance(samples, Samples)
        assert samples.labels is not None
        assert samples.labels.tolist() == [1.0 + column, 4.0 + column, 7.0 + column]
        assert samples.features == 2
        assert [samples.where(row) for row in range(3)] == ["a.csv:4", "a.csv:6", "a.csv:7"]
    assert read(tmp_path, "a.csv", content, label=False).features == 3
    (tmp_path / "labels.csv").write_bytes(b"y\n3\n2\n1\n")
    apart = read(tmp_path, "a.csv", content, labels="labels.csv")
    assert apart.labels is not None
    assert (apart.features, apart.labels.tolist()) == (3, [3.0, 2.0, 1.0])
    assert "'z'" in refused(lambda: read(tmp_path, "a.csv", content, label="z"))
    assert "from 0 to 2" in refused(lambda: read(tmp_path, "a.csv", content, label=3))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,,3", "expected a number in column 2 ('b'), got none"),
        ("1,2,", "expected a number in column 3 ('y'), got none"),
        ("1,,2 3", "expected a number in column 2 ('b'), got none"),
        ("1,2,\n3", "expected a number in column 3 ('y'), got none"),
        ("1,NA,3", "expected a number in column 2 ('b'), got 'NA'"),
        ("1,nan,3", "expected a number in column 2 ('b'), got 'nan'"),
        ("1,1e999,3", "expected a finite number in column 2 ('b'), got '1e999'"),
        ("1,0x10,3", "expected a finite number in column 2 ('b'), got '0x10'"),
        ("1,1_0,3", "expected a finite number in column 2 ('b'), got '1_0'"),
        ("1,red,3", "expected a finite number in column 2 ('b'), got 'red'"),
        ("1,2", "expected 3 columns, got 2"),
        ("1,2,3,4", "expected 3 columns, got 4"),
        ("1 2,3", "expected 3 columns, got 2"),
        ("1,2 3,4", "expected a finite number in column 2 ('b'), got '2 3'"),
        ('1,"2,3', "expected fields between ','"),
        ("1,2\r3,4", "expected fields between ','"),
        ("1,\u0661,3", "expected a finite number in column 2 ('b')"),
    ],
)
def test_a_bad_line_of_csv_is_named(tmp_path: Path, line: str, message: str) -> None:
    content = f"a,b,y\n1,2,3\n{line}\n1,2,3\n".encode()
    assert refused(lambda: read(tmp_path, "a.csv", content)).startswith(f"a.csv:3: {message}")


def test_a_slip_in_the_first_line_makes_no_header(tmp_path: Path) -> None:
    for line in ("1,,3", "1,NA,3", ",,", "1,2x,3", "0x10,2,3", "1,2,cat"):
        assert refused(lambda line=line: read(tmp_path, "a.csv", f"{line}\n1,2,3\n".encode())).startswith("a.csv:1: ")
    for content in (b"", b"\n\n", b"a,b\n", b"1\n2\n", b"a,b\n1,\xff\n", b"," * 2_000_000 + b"\n"):
        assert refused(lambda content=content: read(tmp_path, "a.csv", content)).startswith("a.csv")


# Broken files


def small_files() -> dict[str, tuple[bytes, Callable[[bytes], np.ndarray]]]:
    """A small file of each format, and what an independent reader makes of such a file."""
    matrix = random_matrix(3, 4, 0.5)
    return {
        "a.npy": (saved(RANDOM.normal(size=(3, 2))), lambda content: np.load(io.BytesIO(content))),
        "a.npz": (archived(X=RANDOM.normal(size=(3, 2))), lambda content: np.load(io.BytesIO(content))["X"]),
        "sparse.npz": (packed(matrix), lambda content: scipy.sparse.load_npz(io.BytesIO(content)).toarray()),
        "plain.npz": (packed(matrix, False), lambda content: scipy.sparse.load_npz(io.BytesIO(content)).toarray()),
        "a.npy.gz": (
            gzip.compress(saved(np.ones((3, 2))), mtime=0),
            lambda content: np.load(io.BytesIO(gzip.decompress(content))),
        ),
    }


def outcome(folder: Path, name: str, content: bytes) -> np.ndarray | None:
    """What is read, or None where it is refused, in one line that begins with the file's name."""
    try:
        rows = read(folder, name, content, label=False) if name.endswith(".npz") else read(folder, name, content)
        return dense(rows).inputs
    except DataError as error:
        said = str(error)
    assert said.startswith(f"{name}:")
    assert "\n" not in said
    return None


@pytest.mark.parametrize("name", small_files())
@pytest.mark.filterwarnings("ignore")
def test_no_cut_and_no_flipped_bits_pass_for_another_file(tmp_path: Path, name: str) -> None:
    """Whatever is still read is what NumPy or SciPy reads in it, or, where they refuse it, what it was before."""
    content, oracle = small_files()[name]
    whole = outcome(tmp_path, name, content)
    assert whole is not None
    broken = [content[:length] for length in range(len(content))]
    for place in range(0, len(content), 1 if len(content) < 1000 else 2):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        broken.append(bytes(changed))
    for bad in broken:
        found = outcome(tmp_path, name, bad)
        if found is None:
            continue
        try:
            expected = oracle(bad)
        except Exception:  # of an entry of the archive that is not needed here
            assert name.endswith(".npz")
            expected = whole
        np.testing.assert_array_equal(found, expected.reshape(found.shape))


@pytest.mark.parametrize("name", ["a.csv", "a.svm", "a-ubyte", "a.bin"])
def test_cuts_and_flipped_bits_end_in_a_result_or_one_error(tmp_path: Path, name: str) -> None:
    content = {
        "a.csv": b'a,"b",y\n1,2.5,0\n-3e2,"4",1\n',
        "a.svm": b"1 1:0.5 3:2 # c\n-1 qid:2 2:1e3\n",
        "a-ubyte": idx(RANDOM.normal(size=(2, 3)).astype("f4")),
        "a.bin": bytes(3073),
    }[name]
    step = 1 if len(content) < 100 else 61
    for length in range(0, len(content), step):
        outcome(tmp_path, name, content[:length])
    for place in range(0, len(content), step):
        for bit in range(8) if step == 1 else (0, 7):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            outcome(tmp_path, name, bytes(changed))


@given(st.sampled_from(["a.npy", "a.npz", "a.csv", "a-ubyte", "a.bin", "a.svm"]), st.binary(max_size=80))
@FUZZ
def test_any_bytes_are_read_or_refused(tmp_path: Path, name: str, data: bytes) -> None:
    first = {"a.npy": b"\x93NUMPY\1\0", "a.npz": b"PK\3\4", "a-ubyte": b"\0\0\x08"}.get(name, b"")
    outcome(tmp_path, name, data)
    outcome(tmp_path, name, first + data)


# Real sets


@pytest.mark.parametrize("name", ["load_digits", "load_breast_cancer"])
@pytest.mark.parametrize("compress", [False, True])
def test_real_sets_in_every_format_are_the_same(tmp_path: Path, name: str, compress: bool) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    inputs, labels = getattr(datasets, name)(return_X_y=True)
    inputs, labels = inputs[:300], labels[:300]
    packs: Callable[[bytes], bytes] = gzip.compress if compress else lambda content: content
    text = io.BytesIO()
    datasets.dump_svmlight_file(inputs, labels, text, zero_based=False)
    table = io.BytesIO()
    header = ",".join("x" * (inputs.shape[1] + 1))
    np.savetxt(table, np.column_stack((inputs, labels)), "%.17g", ",", header=header, comments="")
    codes = labels.astype("u1")
    (tmp_path / "labels.npy").write_bytes(packs(saved(labels)))
    (tmp_path / "labels.idx").write_bytes(packs(idx(codes)))
    end = ".gz" if compress else ""
    found = {
        "svmlight": read(tmp_path, "a.svm" + end, packs(text.getvalue()), features=inputs.shape[1]),
        "csv": read(tmp_path, "a.csv" + end, packs(table.getvalue())),
        "npy": read(tmp_path, "a.npy" + end, packs(saved(inputs)), labels="labels.npy"),
        "npz": read(tmp_path, "a.npz" + end, packs(archived(X=inputs, y=labels))),
        "npz, sparse": read(
            tmp_path, "s.npz" + end, packs(parts_of(scipy.sparse.csr_array(inputs))), labels="labels.npy"
        ),
        "idx": read(tmp_path, "a-ubyte" + end, packs(idx(inputs)), labels="labels.idx"),
    }
    # `dump_svmlight_file` writes 16 digits.
    rounded = np.array([float(f"{number:.16g}") for number in inputs.ravel()]).reshape(inputs.shape)
    for format, rows in found.items():
        expected = rounded if format == "svmlight" else inputs
        assert (dense(rows).inputs == expected).all(), format
        assert (dense(sparse(rows)).inputs == expected).all(), format
        assert rows.labels is not None
        assert rows.labels.tolist() == labels.tolist(), format


# Time and memory

_MEASURED = """
import re, sys, time
from pathlib import Path
from adambench.data.beside import File
from adambench.data.formats import reader_of
from adambench.data.reader import Request
file = File(Path(sys.argv[1]), sys.argv[2])
reader = reader_of(file)
def peak():
    return int(re.search("VmHWM: *([0-9]+)", Path("/proc/self/status").read_text().replace(chr(9), " "))[1]) / 1024
before, started = peak(), time.process_time()
rows = reader.read(file, Request())
print(time.process_time() - started, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is told elsewhere")
def test_large_sparse_files_load_in_bounded_time_and_memory(tmp_path: Path) -> None:
    """A tenth of 10^7 non-zeros: a tenth of 5 s, and 16 bytes a non-zero twice over and a little."""
    rows, each = 10_000, 100
    indices = np.sort(RANDOM.integers(0, 49_900, (rows, each)), axis=1) + np.arange(each)
    line = " ".join(["%d:%.6g"] * each)
    values = RANDOM.random((rows, each))
    pairs = np.stack((indices + 1.0, values), axis=2).reshape(rows, -1)
    (tmp_path / "a.svm").write_text("".join(f"1 {line % tuple(row)}\n" for row in pairs.tolist()))
    matrix = scipy.sparse.csr_array((values.ravel(), indices.ravel(), np.arange(rows + 1) * each), shape=(rows, 50_000))
    (tmp_path / "a.npz").write_bytes(packed(matrix, False))
    for name in ("a.svm", "a.npz"):
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(tmp_path), name], capture_output=True, text=True, check=True
        )
        seconds, megabytes = map(float, done.stdout.split())
        assert seconds < 1.0  # of the processor; 0.2 on an idle machine
        assert megabytes < 48.0

"""The svmlight reader: what it reads, beside scikit-learn; what it refuses, and in which line; what it never opens."""

from __future__ import annotations

import gzip
import os
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adambench.data import beside
from adambench.data.formats import svmlight
from adambench.data.formats.svmlight import read
from adambench.data.labels import signs
from adambench.data.rows import DataError, Rows


def parse(text: bytes, features: int | None = None, zero_based: bool = False) -> Rows:
    return read([text], "rows.svm", features, zero_based)


def dense(rows: Rows) -> np.ndarray:
    matrix = np.zeros((rows.labels.size, rows.features))
    for row in range(rows.labels.size):
        for place in range(rows.starts[row], rows.starts[row + 1]):
            matrix[row, rows.indices[place]] = rows.values[place]
    return matrix


def test_rows_values_and_labels() -> None:
    rows = parse(b"# head\n+1 1:0.5 3:-2e1 # tail\r\n\n-1 qid:7 2:1\t4:.5 \n 1.25\n")
    assert rows.labels.tolist() == [1.0, -1.0, 1.25]
    assert [rows.where(row) for row in range(3)] == ["rows.svm:2", "rows.svm:4", "rows.svm:5"]
    assert rows.starts.tolist() == [0, 2, 4, 4]
    assert dense(rows).tolist() == [[0.5, 0, -20, 0], [0, 1, 0, 0.5], [0, 0, 0, 0]]
    assert rows.features == 4
    assert (rows.labels.dtype, rows.values.dtype) == (np.float64, np.float64)
    assert (rows.indices.dtype, rows.starts.dtype) == (np.int64, np.int64)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("0 1 1", [-1, 1, 1]),
        ("-1 +1 -1", [-1, 1, -1]),
        ("2 1 2.0", [1, -1, 1]),
        ("1 1 1", [1, 1, 1]),
        ("0 0 0", [-1, -1, -1]),
        ("2 2 2", [1, 1, 1]),
        ("-1 -1 -1", [-1, -1, -1]),
    ],
)
def test_the_smaller_of_two_labels_is_minus_one(labels: str, expected: list[int]) -> None:
    rows = parse("".join(f"{label} 1:1\n" for label in labels.split()).encode())
    assert rows.labels.tolist() == [float(label) for label in labels.split()]
    assert signs(rows.labels, rows.where).tolist() == expected


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("1 3 4", "rows.svm:3: expected labels -1 and 1, 0 and 1, or 1 and 2, got 3 after 1"),
        ("1 0 2", "rows.svm:4: expected labels -1 and 1, 0 and 1, or 1 and 2, got 2 after 1, 0"),
        ("0.5", "rows.svm:2: expected labels -1 and 1, 0 and 1, or 1 and 2, got 0.5"),
    ],
)
def test_a_third_label_is_named_by_its_line(labels: str, message: str) -> None:
    rows = parse(b"# head\n" + "".join(f"{label} 1:1\n" for label in labels.split()).encode())
    with pytest.raises(DataError) as caught:
        signs(rows.labels, rows.where)
    assert str(caught.value) == message


def test_the_base_of_the_indices_is_what_is_said() -> None:
    text = b"1 1:1 2:2\n"
    assert parse(text).indices.tolist() == [0, 1]
    assert (parse(text).features, parse(text, zero_based=True).features) == (2, 3)
    assert parse(text, zero_based=True).indices.tolist() == [1, 2]
    assert parse(b"1 0:1\n", zero_based=True).features == 1
    assert parse(text, features=7).features == 7


BAD = {
    # name: (a line, what is said of it)
    "no number": (b"x 1:1", "expected a number as the label, got 'x'"),
    "label not finite": (b"1e999 1:1", "expected a number as the label, got '1e999'"),
    "several labels": (b"1,2 1:1", "expected a number as the label, got '1,2'"),
    "no colon": (b"1 1", "expected INDEX:VALUE, got '1'"),
    "no value": (b"1 1:", "expected INDEX:VALUE, got '1:'"),
    "no index": (b"1 :1", "expected INDEX:VALUE, got ':1'"),
    "two colons": (b"1 1:1:1", "expected INDEX:VALUE, got '1:1:1'"),
    "colon in the label": (b"1:1 1:1", "expected a number as the label, got '1:1'"),
    "blank before the colon": (b"1 1 :1", "expected INDEX:VALUE, got '1'"),
    "blank after the colon": (b"1 1: 1", "expected INDEX:VALUE, got '1:'"),
    "value": (b"1 1:x", "expected INDEX:VALUE, got '1:x'"),
    "value NaN": (b"1 1:nan", "expected INDEX:VALUE, got '1:nan'"),
    "value infinite": (b"1 1:inf", "expected INDEX:VALUE, got '1:inf'"),
    "value overflows": (b"1 1:1e999", "expected a finite value, got '1:1e999'"),
    "two numbers": (b"1 1:1-1", "expected INDEX:VALUE, got '1:1-1'"),
    "half an exponent": (b"1 1:1e", "expected INDEX:VALUE, got '1:1e'"),
    "two points": (b"1 1:1.2.3", "expected INDEX:VALUE, got '1:1.2.3'"),
    "underscore": (b"1 1:1_0", "expected INDEX:VALUE, got '1:1_0'"),
    "index a fraction": (b"1 1.0:1", "expected INDEX:VALUE, got '1.0:1'"),
    "index in exponents": (b"1 1e0:1", "expected INDEX:VALUE, got '1e0:1'"),
    "index negative": (b"1 -1:1", "expected INDEX:VALUE, got '-1:1'"),
    "index signed": (b"1 +1:1", "expected INDEX:VALUE, got '+1:1'"),
    "index 0": (b"1 0:1", "expected an index from 1 to 100,000,000, got '0'"),
    "index 2^31": (b"1 2147483648:1", "expected an index from 1 to 100,000,000, got '2147483648'"),
    "index 2^64": (b"1 18446744073709551616:1", "expected an index from 1 to 100,000,000, got '18446744073709551616'"),
    "index of 5000 digits": (b"1 " + b"9" * 5000 + b":1", "expected an index from 1 to 100,000,000"),
    "index twice": (b"1 2:1 2:1", "expected increasing indices, got 2 after 2"),
    "index falls": (b"1 3:1 2:1", "expected increasing indices, got 2 after 3"),
    "NUL": (b"1 1:1\0", "expected INDEX:VALUE, got '1:1\\x00'"),
    "not ASCII": ("1 1:\u0661".encode(), "expected INDEX:VALUE"),
    "byte order mark": ("\ufeff1 1:1".encode(), "expected a number as the label"),
    "form feed": (b"1 1:1\x0c2:1", "expected INDEX:VALUE"),
    "late qid": (b"1 1:1 qid:2", "expected INDEX:VALUE, got 'qid:2'"),
    "qid of words": (b"1 qid:x 1:1", "expected INDEX:VALUE, got 'qid:x'"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named(name: str) -> None:
    line, message = BAD[name]
    before = b"1 1:1\n# comment\n\n"
    with pytest.raises(DataError) as caught:
        # In two pieces, as from a long file: lines are counted through.
        read([before, line + b"\n1 1:1\n"], "rows.svm")
    assert str(caught.value).startswith(f"rows.svm:4: {message}")


@pytest.mark.parametrize("text", [b"", b"\n\n", b"# 1 1:1\n", b"\xef\xbb\xbf"])
def test_a_file_without_rows_is_refused(text: bytes) -> None:
    with pytest.raises(DataError, match=r"^rows\.svm: expected rows .*, got an empty file$"):
        parse(text)


def test_a_file_without_features_is_refused_unless_their_number_is_given() -> None:
    with pytest.raises(DataError, match="expected features in some row"):
        parse(b"1\n0\n")
    assert parse(b"1\n0\n", features=2).starts.tolist() == [0, 0, 0]


def test_an_index_beyond_the_features_is_refused() -> None:
    assert parse(b"1 3:1\n", features=3).features == 3
    with pytest.raises(DataError, match="expected an index from 1 to 3, got '4'"):
        parse(b"1 4:1\n", features=3)
    with pytest.raises(DataError, match="expected an index from 0 to 2, got '3'"):
        parse(b"1 3:1\n", features=3, zero_based=True)


def test_a_byte_order_mark_at_the_start_is_skipped() -> None:
    assert parse("\ufeff1 1:1\n".encode()).labels.tolist() == [1.0]


TOKENS = [
    "1",
    "0",
    "-1",
    "2",
    "1:1",
    "2:0.5",
    "3:-1e3",
    "7:.5",
    "1:",
    ":1",
    "1:1:1",
    "x",
    "3:nan",
    "2:1e999",
    "qid:3",
    "#",
    "# c",
]
TOKENS += [
    "+1:1",
    "1.5:1",
    "4:1.",
    "4:1-1",
    "4:--1",
    "4:1e",
    "0:2",
    "\t",
    "",
    "\r",
    "99:1",
    "12:1_0",
    "1e0",
    "4:+.5e-3",
    "\ufeff",
    "é",
]
FILES = st.lists(st.lists(st.sampled_from(TOKENS), max_size=5).map(" ".join), max_size=6).map("\n".join)
GOOD_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "0", "1.0", "+1"]),
        st.dictionaries(
            st.integers(1, 50), st.floats(allow_nan=False, allow_infinity=False, width=64).map(repr), max_size=8
        ),
        st.sampled_from(["", " # end", " ", "\r", "\t"]),
    ),
    min_size=1,
    max_size=8,
)


def written(rows: list[tuple[str, dict[int, str], str]]) -> bytes:
    return "".join(
        f"{label} {' '.join(f'{index}:{value}' for index, value in sorted(pairs.items()))}{end}\n"
        for label, pairs, end in rows
    ).encode()


@given(FILES)
@example("1 1:1 2:")
@settings(max_examples=500, deadline=None)
def test_a_file_is_refused_exactly_where_one_of_its_lines_is(text: str) -> None:
    """All lines at once, by arrays, and line by line, by a pattern: two parsers that must agree."""
    data = (text + "\n").encode()
    cleaned = svmlight._QUERY.sub(rb"\1", svmlight._COMMENT.sub(b"", data))
    bad = [line for line in cleaned.split(b"\n") if svmlight._complaint(line, 1, 60)]
    assert (svmlight._rows(cleaned, 1, 60) is None) == bool(bad)


@given(GOOD_ROWS, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_good_files_are_read_as_scikit_learn_reads_them(rows: list, size: int) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    data = written(rows)
    matrix, labels = datasets.load_svmlight_file(BytesIO(data), n_features=50, zero_based=False)
    lines = data.splitlines(keepends=True)
    pieces = [b"".join(lines[first : first + size]) for first in range(0, len(lines), size)]
    ours = read(pieces, "rows.svm", 50)
    assert ours.labels.tolist() == labels.tolist()
    # scikit-learn drops nothing either: zeros that are written are kept.
    assert ours.values.tolist() == matrix.data.tolist()
    assert ours.indices.tolist() == matrix.indices.tolist()
    assert ours.starts.tolist() == matrix.indptr.tolist()


@given(FILES)
@settings(max_examples=300, deadline=None)
def test_what_is_read_scikit_learn_reads_alike(text: str) -> None:
    """The reverse does not hold: scikit-learn takes values that are not finite, signed indices and any labels."""
    datasets = pytest.importorskip("sklearn.datasets")
    data = (text + "\n").encode()
    try:
        ours = parse(data, features=60)
    except DataError:
        return
    matrix, labels = datasets.load_svmlight_file(
        BytesIO(data.removeprefix(b"\xef\xbb\xbf")), n_features=60, zero_based=False
    )
    assert dense(ours).tolist() == matrix.toarray().tolist()
    assert ours.labels.tolist() == labels.tolist()


@given(st.binary(max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        said = str(parse(data + b"\n").features)
    except DataError as error:
        said = str(error)
    assert said.isdigit() or said.startswith("rows.svm:")


def content(folder: Path, name: str) -> bytes:
    return b"".join(beside.lines(folder, name))


def test_plain_and_gzip_files_are_told_apart_by_their_bytes(tmp_path: Path) -> None:
    text = b"".join(b"1 %d:1\n" % (number + 1) for number in range(100_000))
    (tmp_path / "plain.gz").write_bytes(text)
    (tmp_path / "packed").write_bytes(gzip.compress(text))
    (tmp_path / "members").write_bytes(
        b"".join(map(gzip.compress, (text[:500_000], b"", text[500_000:]))) + b"\0" * 700
    )
    for name in ("plain.gz", "packed", "members"):
        pieces = list(beside.lines(tmp_path, name))
        assert b"".join(pieces) == text
        assert len(pieces) > 2
        assert all(piece.endswith(b"\n") for piece in pieces)


def test_the_last_line_may_lack_its_newline(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"1 1:1\n0 1:1")
    assert content(tmp_path, "rows") == b"1 1:1\n0 1:1\n"


def test_no_cut_of_a_gzip_file_is_taken_for_a_whole_one(tmp_path: Path) -> None:
    whole = gzip.compress(b"1 1:1\n" * 1000 + bytes(range(256)))
    for length in range(2, len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"^cut: expected a whole gzip file, got one that ends in the middle$"):
            content(tmp_path, "cut")


def test_damaged_gzip_files_are_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"1 1:1\n" * 1000)
    for data in (whole[:-5] + b"\0" + whole[-4:], b"\x1f\x8b\x07" + whole[3:], whole + b"more", whole + whole[:20]):
        (tmp_path / "damaged").write_bytes(data)
        with pytest.raises(DataError, match="gzip file"):
            content(tmp_path, "damaged")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(b"1 1:1\n" * 100_000) for _ in range(100)) + packer.flush()
    (tmp_path / "bomb").write_bytes(packed)
    pieces: list[bytes] = []
    with pytest.raises(DataError, match="expected at most 200 times its compressed size"):
        pieces.extend(beside.lines(tmp_path, "bomb"))
    assert sum(map(len, pieces)) < 2 << 20


def test_files_beyond_the_limits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(beside.LARGEST + 1)
    with pytest.raises(DataError, match="expected at most 1,073,741,824 bytes, got 1,073,741,825"):
        content(tmp_path, "large")
    random = np.random.default_rng(0).integers(32, 127, 1_500_000).astype(np.uint8).tobytes()
    (tmp_path / "packed").write_bytes(gzip.compress(random))
    monkeypatch.setattr(beside, "LARGEST", 1_400_000)
    with pytest.raises(DataError, match="expected at most 1,400,000 bytes, got more"):
        content(tmp_path, "packed")
    monkeypatch.setattr(beside, "LONGEST_LINE", 1_000_000)
    with pytest.raises(DataError, match="expected lines of at most 1,000,000 bytes"):
        content(tmp_path, "packed")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"^pipe: expected a regular file, got a pipe$"):
        content(tmp_path, "pipe")


def test_links_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("1 1:1\n")
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "rows").write_text("0 1:1\n")
    for name, target in {"in": "rows", "out": "../secret", "device": "/dev/zero", "up": "..", "loop": "loop"}.items():
        (folder / name).symlink_to(target)
    assert content(folder, "in") == b"0 1:1\n"
    assert content(folder, "inner/../rows") == b"0 1:1\n"
    for name in ("out", "device", "up/secret", "../secret", "inner/../../secret", str(tmp_path / "secret")):
        with pytest.raises(DataError, match="expected a file in the folder of the problem file"):
            content(folder, name)
    for name in ("loop", "rows/x", "absent", "~/rows"):
        with pytest.raises(DataError, match="cannot be opened"):
            content(folder, name)
    with pytest.raises(DataError, match="got a folder"):
        content(folder, "inner")
    with pytest.raises(DataError, match="got 'a\\\\x00b'"):
        content(folder, "a\0b")


def test_a_folder_that_is_itself_a_link_is_the_folder_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "rows").write_text("1 1:1\n")
    (tmp_path / "link").symlink_to("real")
    assert content(tmp_path / "link", "rows") == b"1 1:1\n"


def real_data() -> Path:
    """The folder named by ADAMBENCH_DATA, or `shared/data` beside the checkout."""
    beside_checkout = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ADAMBENCH_DATA", beside_checkout))


@pytest.mark.skipif(
    not (real_data() / "a9a.gz").is_file(), reason="a9a.gz is not here; ADAMBENCH_DATA names its folder"
)
def test_a9a() -> None:
    rows = read(beside.lines(real_data(), "a9a.gz"), "a9a.gz", 123)
    assert (rows.labels.size, rows.values.size, rows.features) == (32_560, 451_578, 123)
    assert set(rows.labels.tolist()) == {0.0, 1.0}
    assert set(signs(rows.labels, rows.where).tolist()) == {-1.0, 1.0}
    assert (rows.values == 1.0).all()
    text = gzip.decompress((real_data() / "a9a.gz").read_bytes()).decode()
    expected = [[int(pair.split(":")[0]) - 1 for pair in line.split()[1:]] for line in text.splitlines()]
    assert rows.indices.tolist() == [index for line in expected for index in line]
    assert np.diff(rows.starts).tolist() == list(map(len, expected))
    assert (rows.labels > 0).tolist() == [line.startswith("1") for line in text.splitlines()]

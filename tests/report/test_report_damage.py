"""Folders of runs damaged at random: each still works, or is refused in a line with its file."""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import simsched
from simsched.cli.options import Format
from simsched.errors import SimschedError
from simsched.report import contents, export, files, html, printing, run_document, stored, summary
from simsched.report.view.app import index_page
from simsched.scenario import loads

DAMAGES = int(os.environ.get("SIMSCHED_DAMAGES", "60"))
"""How many damages of each kind there are for each folder."""

BUSY = """
name: busy
requests:
  page: [{cpu: 2ms}, {io: {exponential: 5ms}, on: db}, {cpu: 1ms}]
  ping: [{cpu: {exponential: 2ms}}]
workload: {open: {rate: 300/s}, requests: 60, mix: {page: 2, ping: 1}}
resources: {db: {capacity: 1, per: worker, acquire_timeout: 15ms, discipline: random}}
client: {timeout: 60ms, retries: {max: 2, backoff: {initial: 5ms, max: 20ms}}}
servers:
  serial: {model: serial, workers: 2, backlog: 3}
  loop: {model: cooperative, overhead: {request: 100us}}
slo: {quick: response_time.mean < 20ms}
run: {replications: 2, warmup: none}
"""
USERS = """
name: users
requests:
  page: [{cpu: 2ms}, {parallel: [[{cpu: 1ms}], [{io: 4ms}]]}]
workload: {closed: {users: 3, think: {exponential: 10ms}}, requests: 40}
servers: {pool: {model: threaded, threads: 2}}
run: {replications: 1}
"""
STUCK = """
name: stuck
requests: {page: [{hold: a, phases: [{io: 1ms}, {hold: b, phases: [{io: 1ms}]}]}],
  gape: [{hold: b, phases: [{io: 1ms}, {hold: a, phases: [{io: 1ms}]}]}]}
workload: {schedule: [{at: 0ms, request: page}, {at: 0ms, request: gape}, {at: 1ms, request: page}]}
resources: {a: {capacity: 1}, b: {capacity: 1}}
servers: {loop: {model: cooperative}}
"""

VALUES = ("", "text", -1, 0, 3, 2**31, 2**70, 1.5, 1e308, None, True, [], {}, ["x"], {"x": 1})


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    found = []
    for text in (BUSY, USERS, STUCK):
        result = simsched.run(loads(text))
        texts = contents.scenario_texts(result.scenarios)
        root = tmp_path_factory.mktemp(result.name)
        found.append(files.write_run(replace(result, took_s=1), root, texts))
    return found


def report(folder: Path, _: Path) -> None:
    back = stored.read(folder)
    html.render(back.result, back.scenario_texts, plotlyjs=html.PlotlyJs.DIRECTORY)


def compare(folder: Path, sound: Path) -> None:
    for pair in ((folder, sound), (sound, folder)):
        joined = stored.join(*map(stored.read, pair))
        for kind in Format:
            printing.render(
                lambda: run_document.document(joined.result),  # noqa: B023  # called at once
                lambda: summary.to_json(joined.result),  # noqa: B023  # called at once
                kind,
            )


def exported(folder: Path, _: Path) -> None:
    back = stored.read(folder)
    for kind in export.FORMATS.values():
        kind.render(back.result)


def view(folder: Path, _: Path) -> None:
    index_page(folder.parents[1])


USES = (report, compare, exported, view)


def of_bytes(path: Path, chance: random.Random) -> None:
    """Flip, cut out or put in some bytes."""
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    end = at + 1 + chance.randrange(9)
    match chance.randrange(4):
        case 0:
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            del data[at:end]
        case 2:
            data[at:at] = chance.randbytes(end - at)
        case _:
            del data[at:]
    path.write_bytes(bytes(data))


def of_json(path: Path, chance: random.Random) -> None:
    """Replace, remove or rename a value somewhere."""
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(spoiled(told, chance)), encoding="utf-8")


def spoiled(told: Any, chance: random.Random) -> Any:
    whole = copy.deepcopy(told)
    place, steps = whole, chance.randrange(1, 6)
    for _ in range(steps):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return chance.choice(VALUES)
        key = chance.choice(keys)
        if not isinstance(place[key], dict | list) or chance.random() < 0.2:
            break
        place = place[key]
    else:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return whole
        key = chance.choice(keys)
    if chance.random() < 0.3:
        del place[key]
    elif isinstance(place, dict) and chance.random() < 0.2:
        place[f"{key}x"] = place.pop(key)
    else:
        place[key] = chance.choice(VALUES)
    return whole


def of_table(path: Path, chance: random.Random) -> None:
    """Write the table again, with a column, some cells, the rows or the metadata changed."""
    table = pq.read_table(path)
    change: Callable[[pa.Table, random.Random], pa.Table] = chance.choice(
        (without_column, with_other_type, with_other_cells, with_other_rows, with_other_metadata)
    )
    pq.write_table(change(table, chance), path)


def without_column(table: pa.Table, chance: random.Random) -> pa.Table:
    name = chance.choice(table.column_names)
    if chance.random() < 0.5:
        return table.drop_columns([name])
    return table.rename_columns([f"{n}x" if n == name else n for n in table.column_names])


def with_other_type(table: pa.Table, chance: random.Random) -> pa.Table:
    at = chance.randrange(table.num_columns)
    kind = chance.choice((pa.string(), pa.float64(), pa.int8(), pa.null(), pa.list_(pa.int64())))
    column = pa.nulls(len(table), kind)
    if pa.types.is_string(kind):
        column = table.column(at).cast(kind)
    return table.set_column(at, table.column_names[at], column)


def with_other_cells(table: pa.Table, chance: random.Random) -> pa.Table:
    at = chance.randrange(table.num_columns)
    column = table.column(at)
    cells = column.to_pylist()
    texts = pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)
    values: tuple[Any, ...] = (-(2**31), -7, -1, 0, 1, 2, 1000, 2**31 - 1, None)
    if column.type == pa.int64():
        values += (-(2**63), 2**63 - 1, 2**62, 2**53)
    if texts:
        values = ("", "x", "cpu", "completed", "page", None)
    for _ in range(chance.choice((1, 1, 3, len(cells)))):
        if cells:
            cells[chance.randrange(len(cells))] = chance.choice(values)
    kind = pa.string() if texts else column.type
    made = pa.array(cells, kind)
    if pa.types.is_dictionary(column.type):
        made = made.dictionary_encode()
    return table.set_column(at, table.column_names[at], made)


def with_other_rows(table: pa.Table, chance: random.Random) -> pa.Table:
    rows = list(range(len(table)))
    match chance.randrange(4):
        case 0:
            chance.shuffle(rows)
        case 1:
            rows = rows[: chance.randrange(len(rows) + 1)]
        case 2:
            rows += rows[:3]
        case _:
            rows = [row for row in rows if chance.random() < 0.9]
    return table.take(np.array(rows, dtype=np.int64))


def with_other_metadata(table: pa.Table, chance: random.Random) -> pa.Table:
    known = dict(table.schema.metadata or {})
    if b"simsched" not in known or chance.random() < 0.1:
        return table.replace_schema_metadata({})
    told = spoiled(json.loads(known[b"simsched"]), chance)
    return table.replace_schema_metadata({**known, b"simsched": json.dumps(told)})


KINDS = {
    "bytes": (of_bytes, ("*.json", "*.parquet", "*.yaml")),
    "json": (of_json, ("*.json",)),
    "tables": (of_table, ("*.parquet",)),
}


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.filterwarnings("error")
def test_a_damaged_folder_works_or_is_refused_in_a_line_with_its_file(
    folders, tmp_path, kind, which
):
    damage, patterns = KINDS[kind]
    sound = folders[which]
    files = sorted(path.name for pattern in patterns for path in sound.glob(pattern))
    folder = tmp_path / "reports" / "run" / sound.name
    refused = 0
    for seed in range(DAMAGES):
        chance = random.Random(f"{kind} {which} {seed}")  # noqa: S311  damages, not secrets
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        damage(folder / chance.choice(files), chance)
        error = raised(chance.choice(USES), folder, sound)
        if isinstance(error, SimschedError):
            refused += 1
            assert str(error).startswith(f"{folder}"), f"{kind} {which} {seed}: {error}"
            assert "\n" not in str(error), f"{kind} {which} {seed}"
            assert error.exit_code == 2, f"{kind} {which} {seed}: {error!r}"
        elif error is not None:
            raise AssertionError(f"{kind} {which} {seed}: {error!r}") from error
    # Figures are computed from the requests, so most of summary.json is not read.
    assert refused > (0 if kind == "json" else 0.15 * DAMAGES)


def raised(use: Callable[[Path, Path], None], folder: Path, sound: Path) -> Exception | None:
    try:
        use(folder, sound)
    except Exception as error:  # noqa: BLE001  any of them is to be looked at
        return error
    return None

"""Trains the peer's model and fills its database: `python prepare.py DIAMONDS.csv FOLDER`."""

import csv
import sqlite3
import sys
from pathlib import Path

import numpy
import xgboost

from stones import CLARITY_CODES, COLOR_CODES, CUT_CODES

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE diamonds (
    id INTEGER PRIMARY KEY, carat REAL NOT NULL, cut TEXT NOT NULL, color TEXT NOT NULL, clarity TEXT NOT NULL,
    depth REAL NOT NULL, "table" REAL NOT NULL, price REAL NOT NULL, x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL
);
CREATE INDEX diamonds_by_kind_and_carat ON diamonds (cut, color, clarity, carat, id);
CREATE TABLE requests (
    id TEXT PRIMARY KEY, received_at TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT,
    status INTEGER NOT NULL, latency_us INTEGER NOT NULL, request_body TEXT, response_body TEXT
) WITHOUT ROWID;
"""


def main(data: Path, folder: Path) -> None:
    with data.open(newline="") as file:
        rows = list(csv.DictReader(file))
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("peer.*"):
        leftover.unlink()
    fill(rows, folder / "peer.db")
    train(rows, folder / "peer.ubj")


def fill(rows: list[dict[str, str]], database: Path) -> None:
    columns = ("carat", "cut", "color", "clarity", "depth", "table", "price", "x", "y", "z")
    with sqlite3.connect(database) as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            'INSERT INTO diamonds (carat, cut, color, clarity, depth, "table", price, x, y, z) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ([row[column] for column in columns] for row in rows),
        )
    connection.close()


def train(rows: list[dict[str, str]], model: Path) -> None:
    """400 trees of depth 7 on the logarithm of the price, like the reference ensemble of the other benchmarks."""
    measures = ("depth", "table", "x", "y", "z")
    rows = [row for row in rows if all(float(row[name]) > 0 for name in ("price", "x", "y", "z"))]
    features = numpy.array(
        [
            [
                float(row["carat"]),
                CUT_CODES[row["cut"]],
                COLOR_CODES[row["color"]],
                CLARITY_CODES[row["clarity"]],
                *(float(row[name]) for name in measures),
            ]
            for row in rows
        ],
        dtype=numpy.float32,
    )
    prices = numpy.log([float(row["price"]) for row in rows])
    parameters = {"max_depth": 7, "eta": 0.05, "tree_method": "hist", "nthread": 2, "seed": 42}
    booster = xgboost.train(parameters, xgboost.DMatrix(features, prices), num_boost_round=400)
    booster.save_model(model)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

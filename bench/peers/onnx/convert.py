"""Trains the reference ensemble and converts it: `python convert.py DIAMONDS.csv FOLDER`.

Writes `model.json`, as XGBoost saves it, and `model.onnx`, the same trees converted by onnxmltools.
"""

import csv
import sys
from pathlib import Path

import numpy
import xgboost
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"]
COLORS = ["D", "E", "F", "G", "H", "I", "J"]
CLARITIES = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"]
GRADES = {"cut": CUTS, "color": COLORS, "clarity": CLARITIES}
FEATURES = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"]


def features(row: dict[str, str]) -> list[float]:
    return [float(GRADES[name].index(row[name]) if name in GRADES else row[name]) for name in FEATURES]


def main(data: Path, folder: Path) -> None:
    with data.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(float(row[side]) > 0 for side in "xyz")]
    # The ensemble of the other benchmarks (bench/src/reference.rs): one thread, so that the bytes are the same every time.
    model = xgboost.XGBRegressor(n_estimators=400, max_depth=7, learning_rate=0.05, tree_method="hist", n_jobs=1)
    model.fit(
        numpy.array([features(row) for row in rows], dtype=numpy.float32),
        numpy.log([float(row["price"]) for row in rows]),
    )
    model.save_model(folder / "model.json")
    converted = convert_xgboost(model, initial_types=[("stones", FloatTensorType([None, len(FEATURES)]))])
    (folder / "model.onnx").write_bytes(converted.SerializeToString())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

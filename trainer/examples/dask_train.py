"""XGBoost on Dask, for more rows than one machine takes; `trainer import` makes its model one of the registry's.

    pip install xgboost "dask[dataframe]" distributed pyarrow
    python dask_train.py 'rows-*.csv' model.json [scheduler]
    trainer import model.json && trainer evaluate ID --data held.csv && trainer promote ID

Without the address of a scheduler it starts workers on this machine. Spark and Ray train the same booster: what counts is
the order of the columns, the codes of the grades, and that the label is the logarithm of the price.
"""

import sys

import dask.dataframe
import numpy
import xgboost
from distributed import Client, LocalCluster
from xgboost import dask as dask_xgboost

# From the code 0 on, as everywhere in Loupe: cut and clarity from worst to best, color from D.
GRADES = {
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": ["D", "E", "F", "G", "H", "I", "J"],
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}
FEATURES = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"]
PARAMETERS = {"tree_method": "hist", "max_depth": 7, "eta": 0.05, "subsample": 0.9, "seed": 42}
ROUNDS = 400


def prepare(frame):
    """Codes in place of grades, and no row of which a side was not measured."""
    frame = frame[(frame.x > 0) & (frame.y > 0) & (frame.z > 0)]
    for column, grades in GRADES.items():
        codes = {grade: float(code) for code, grade in enumerate(grades)}
        frame = frame.assign(**{column: frame[column].map(codes, meta=(column, "float64"))})
    return frame


def main(files, model, scheduler=None):
    with Client(scheduler or LocalCluster(n_workers=2, threads_per_worker=1)) as client:
        if files.endswith(".parquet"):
            frame = dask.dataframe.read_parquet(files)
        else:
            # A column of which the first rows are whole numbers would be read as such, and refused later.
            numbers = dict.fromkeys([column for column in FEATURES + ["price"] if column not in GRADES], "float64")
            frame = dask.dataframe.read_csv(files, dtype=numbers)
        frame = prepare(frame)
        label = numpy.log(frame["price"])
        rows = dask_xgboost.DaskQuantileDMatrix(client, frame[FEATURES], label)
        trained = dask_xgboost.train(client, PARAMETERS, rows, num_boost_round=ROUNDS)
        trained["booster"].save_model(model)


if __name__ == "__main__":
    main(*sys.argv[1:])

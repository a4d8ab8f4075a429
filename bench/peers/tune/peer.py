"""Trains a peer on one file and measures it on another:
`python peer.py notebook|lightgbm|catboost raw|symmetric TRAIN.csv TEST.csv`.

`raw` are x, y and z as they stand; `symmetric` replaces them by the features of our own models, which are the same when a
stone is turned. No peer is told the price list. Prints one JSON object: the errors in dollars, and the seconds from the rows in memory to the fitted model.
"""

import json
import sys
import time
from collections.abc import Callable

import numpy
import pandas

CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"]
COLORS = ["D", "E", "F", "G", "H", "I", "J"]
CLARITIES = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"]
GRADES = {"cut": CUTS, "color": COLORS, "clarity": CLARITIES}
FEATURES = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"]
SYMMETRIC = FEATURES[:-3] + ["average_diameter", "diameter_ratio", "face_weight"]
THREADS = 2
SEED = 42
TRIALS = 100


def notebook(train: pandas.DataFrame, test: pandas.DataFrame) -> Callable[[], numpy.ndarray]:
    """The data scientist's recipe: the price itself, grades as categories, one validation split, Optuna's TPE."""
    import optuna
    import xgboost

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    rows, prices = as_categories(train), train["price"].to_numpy()
    order = numpy.random.default_rng(SEED).permutation(len(train))
    held_out, rest = order[: len(order) // 5], order[len(order) // 5 :]

    def model(settings: dict) -> xgboost.XGBRegressor:
        return xgboost.XGBRegressor(
            enable_categorical=True, tree_method="hist", n_jobs=THREADS, random_state=SEED, **settings
        )

    def objective(trial: optuna.Trial) -> float:
        settings = {
            "reg_lambda": trial.suggest_float("lambda", 1e-8, 1.0, log=True),
            "reg_alpha": trial.suggest_float("alpha", 1e-8, 1.0, log=True),
            "colsample_bytree": trial.suggest_categorical(
                "colsample_bytree", [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
            ),
            "subsample": trial.suggest_categorical("subsample", [0.4, 0.5, 0.6, 0.7, 0.8, 1.0]),
            "learning_rate": trial.suggest_float("learning_rate", 1e-8, 1.0, log=True),
            "n_estimators": trial.suggest_int("n_estimators", 100, 1000),
            "max_depth": trial.suggest_int("max_depth", 3, 9),
            "min_child_weight": trial.suggest_int("min_child_weight", 1, 10),
        }
        trial.set_user_attr("settings", settings)
        fitted = model(settings).fit(rows.iloc[rest], prices[rest])
        return numpy.abs(fitted.predict(rows.iloc[held_out]) - prices[held_out]).mean()

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=SEED))
    study.optimize(objective, n_trials=TRIALS)
    fitted = model(study.best_trial.user_attrs["settings"]).fit(rows, prices)
    return lambda: fitted.predict(as_categories(test))


def lightgbm(train: pandas.DataFrame, test: pandas.DataFrame) -> Callable[[], numpy.ndarray]:
    """1,000 rounds on the logarithm of the price, everything else at its default."""
    from lightgbm import LGBMRegressor

    model = LGBMRegressor(n_estimators=1000, n_jobs=THREADS, random_state=SEED, verbose=-1)
    model.fit(as_codes(train), numpy.log(train["price"]))
    return lambda: numpy.exp(model.predict(as_codes(test)))


def catboost(train: pandas.DataFrame, test: pandas.DataFrame) -> Callable[[], numpy.ndarray]:
    """3,000 iterations of depth 8 on the logarithm of the price."""
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(
        iterations=3000, depth=8, thread_count=THREADS, random_seed=SEED, verbose=0, allow_writing_files=False
    )
    model.fit(as_codes(train), numpy.log(train["price"]))
    return lambda: numpy.exp(model.predict(as_codes(test)))


def symmetric(rows: pandas.DataFrame) -> pandas.DataFrame:
    """With what our models see in place of x, y and z: see `PROPORTION_NAMES` of the crate inference."""
    x, y = rows["x"], rows["y"]
    return rows.assign(
        average_diameter=(x + y) / 2,
        diameter_ratio=100 * numpy.minimum(x, y) / numpy.maximum(x, y),
        face_weight=100 * rows["carat"] / (x * y),
    )


def as_categories(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Grades as categories, as in the notebook."""
    grades = {name: pandas.Categorical(rows[name], categories=known) for name, known in GRADES.items()}
    return rows[FEATURES].assign(**grades)


def as_codes(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Grades as numbers from worst to best, color from D: both boosters are better with these than with categories."""
    codes = {name: rows[name].map(known.index) for name, known in GRADES.items()}
    features = SYMMETRIC if SYMMETRIC[-1] in rows else FEATURES
    return rows[features].assign(**codes).astype(float)


def main(peer: str, sight: str, train_file: str, test_file: str) -> None:
    view = {"raw": lambda rows: rows, "symmetric": symmetric}[sight]
    train, test = view(pandas.read_csv(train_file)), view(pandas.read_csv(test_file))
    began = time.perf_counter()
    predict = {"notebook": notebook, "lightgbm": lightgbm, "catboost": catboost}[peer](train, test)
    seconds = time.perf_counter() - began
    errors = predict() - test["price"].to_numpy()
    mae, rmse = numpy.abs(errors).mean(), numpy.sqrt((errors**2).mean())
    print(json.dumps({"mae_usd": float(mae), "rmse_usd": float(rmse), "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])

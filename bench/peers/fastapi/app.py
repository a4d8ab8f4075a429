"""The usual way to serve prices in Python: FastAPI, XGBoost and SQLite, with one committed row per request.

`PEER_FOLDER` holds what prepare.py made. Each worker has a model and a connection of its own. Handlers are `async`
and run on the event loop itself, which answers a third more requests than FastAPI's thread pool.
"""

import math
import os
import sqlite3
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import xgboost
from fastapi import FastAPI, Query, Request, Response
from pydantic import BaseModel

from stones import Stone

FOLDER = Path(os.environ["PEER_FOLDER"])


class Price(BaseModel):
    price: float
    currency: str = "USD"
    request_id: str


class SimilarQuery(Stone):
    """The stone whose most similar stones are requested."""

    n: int = 5


class SimilarDiamond(BaseModel):
    id: int
    carat: float
    cut: str
    color: str
    clarity: str
    depth: float
    table: float
    price: float
    x: float
    y: float
    z: float
    carat_difference: float


class SimilarResponse(BaseModel):
    requested: int
    found: int
    diamonds: list[SimilarDiamond]
    request_id: str


def load_model() -> xgboost.Booster:
    booster = xgboost.Booster()
    booster.load_model(FOLDER / "peer.ubj")
    booster.set_param({"nthread": 1})
    return booster


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(FOLDER / "peer.db", isolation_level=None, timeout=5, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


app = FastAPI()
model = load_model()
database = connect()

COLUMNS = 'id, carat, cut, color, clarity, depth, "table", price, x, y, z'
SIDE = f"SELECT {COLUMNS} FROM diamonds WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat"
# Two range scans, without an order among equal carats: ORDER BY abs(carat - ?) reads the whole group and answers a
# third fewer requests, and an order among equals would need a sort.
SIMILAR = (
    f"SELECT * FROM (SELECT * FROM ({SIDE} >= ?4 ORDER BY carat LIMIT ?5) "
    f"UNION ALL SELECT * FROM ({SIDE} < ?4 ORDER BY carat DESC LIMIT ?5)) "
    "ORDER BY abs(carat - ?4), id LIMIT ?5"
)
JOURNAL = (
    "INSERT INTO requests (id, received_at, method, path, query, status, latency_us, request_body, response_body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@app.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "alive"}


@app.post("/v1/predict", response_model=Price)
async def predict(stone: Stone, request: Request) -> Response:
    began = time.perf_counter()
    request_id = str(uuid.uuid4())
    margin = model.inplace_predict(stone.features())[0]
    price = Price(price=round(math.exp(margin), 2), request_id=request_id)
    return await respond(request, request_id, price, began)


@app.get("/v1/similar", response_model=SimilarResponse)
async def similar(query: Annotated[SimilarQuery, Query()], request: Request) -> Response:
    began = time.perf_counter()
    request_id = str(uuid.uuid4())
    parameters = (query.cut, query.color, query.clarity, query.carat, query.n)
    rows = database.execute(SIMILAR, parameters).fetchall()
    names = SimilarDiamond.model_fields
    diamonds = [
        SimilarDiamond(**dict(zip(names, (*row, round(row[1] - query.carat, 6))))) for row in rows
    ]
    found = SimilarResponse(requested=query.n, found=len(diamonds), diamonds=diamonds, request_id=request_id)
    return await respond(request, request_id, found, began)


async def respond(request: Request, request_id: str, content: BaseModel, began: float) -> Response:
    """Commits the journal row, then responds."""
    body = content.model_dump_json()
    database.execute(
        JOURNAL,
        (
            request_id,
            datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            request.method,
            request.url.path,
            request.url.query,
            200,
            int((time.perf_counter() - began) * 1e6),
            (await request.body()).decode(),
            body,
        ),
    )
    return Response(body, media_type="application/json", headers={"x-request-id": request_id})

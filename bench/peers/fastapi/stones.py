"""A stone: its grades from worst to best, and the nine features of the model."""

from typing import Literal

import numpy
from pydantic import BaseModel, Field

CUTS = ("Fair", "Good", "Very Good", "Premium", "Ideal")
COLORS = ("D", "E", "F", "G", "H", "I", "J")
CLARITIES = ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF")

CUT_CODES = {grade: float(code) for code, grade in enumerate(CUTS)}
COLOR_CODES = {grade: float(code) for code, grade in enumerate(COLORS)}
CLARITY_CODES = {grade: float(code) for code, grade in enumerate(CLARITIES)}

MISSING = float("nan")


class Stone(BaseModel):
    """A requested stone; measures that are not given are missing values to the model."""

    carat: float = Field(gt=0, le=20)
    cut: Literal[CUTS]
    color: Literal[COLORS]
    clarity: Literal[CLARITIES]
    depth: float | None = Field(default=None, gt=0, le=100)
    table: float | None = Field(default=None, gt=0, le=100)
    x: float | None = Field(default=None, ge=0, le=100)
    y: float | None = Field(default=None, ge=0, le=100)
    z: float | None = Field(default=None, ge=0, le=100)

    def features(self) -> numpy.ndarray:
        """One row, in the order the model was trained on."""
        measures = (self.depth, self.table, self.x, self.y, self.z)
        return numpy.array(
            [
                [
                    self.carat,
                    CUT_CODES[self.cut],
                    COLOR_CODES[self.color],
                    CLARITY_CODES[self.clarity],
                    *(MISSING if measure is None else measure for measure in measures),
                ]
            ],
            dtype=numpy.float32,
        )

"""StandardScaler + KNNImputer(5) of scikit-learn: the reference for `lineament impute --method knn`.

  knn_impute.py golden            writes tests/goldens/knn_input.csv and knn_expected.csv
  knn_impute.py compare IN OUT    compares OUT of `lineament impute IN --method knn --out OUT`, cell by cell

A cell is tied where the 5th and the 6th nearest row that have it are equally near (to 1e-12) with different
values: which of them is taken is open in scikit-learn, so tied cells are counted and left out.
"""
import csv
import math
import pathlib
import sys
import time

import numpy as np
from sklearn.impute import KNNImputer
from sklearn.preprocessing import StandardScaler

NEIGHBOURS = 5
TIE = 1e-12
GOLDENS = pathlib.Path(__file__).resolve().parent.parent / "goldens"
POINTS = ("left_eye_center right_eye_center left_eye_inner_corner left_eye_outer_corner "
          "right_eye_inner_corner right_eye_outer_corner left_eyebrow_inner_end left_eyebrow_outer_end "
          "right_eyebrow_inner_end right_eyebrow_outer_end nose_tip mouth_left_corner "
          "mouth_right_corner mouth_center_top_lip mouth_center_bottom_lip").split()
COLUMNS = [f"{point}_{axis}" for point in POINTS for axis in "xy"]


def read(path):
    """The coordinates, in the order of COLUMNS; an Image column is passed over."""
    csv.field_size_limit(1 << 20)
    with open(path, newline="") as file:
        rows = csv.DictReader(file)
        return np.array([[float(row[name] or "nan") for name in COLUMNS] for row in rows])


def write(path, table):
    with open(path, "w", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for row in table:
            file.write(",".join("" if math.isnan(v) else repr(float(v)) for v in row) + "\n")


def impute(table):
    scaler = StandardScaler()
    filled = KNNImputer(n_neighbors=NEIGHBOURS).fit_transform(scaler.fit_transform(table))
    return scaler.inverse_transform(filled)


def tied_cells(table):
    """Which gaps have two candidates for the last place; by differences, where sklearn takes products."""
    scaled = StandardScaler().fit_transform(table)
    there = ~np.isnan(scaled)
    tied = np.zeros(table.shape, bool)
    zeros = np.where(there, scaled, 0)
    for row in np.flatnonzero(~there.all(axis=1)):
        common = there & there[row]
        squares = ((zeros - zeros[row]) ** 2 * common).sum(axis=1)
        counts = common.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            distances = np.sqrt(np.where(counts > 0, squares * table.shape[1] / counts, np.inf))
        order = np.argsort(distances, kind="stable")
        order = order[np.isfinite(distances[order])]
        for column in np.flatnonzero(~there[row]):
            donors = order[there[order, column]]
            if len(donors) <= NEIGHBOURS:
                continue
            last = distances[donors[NEIGHBOURS - 1]]
            rivals = donors[np.abs(distances[donors] - last) <= TIE]
            beyond = distances[donors[NEIGHBOURS]] - last <= TIE
            tied[row, column] = beyond and np.ptp(table[rivals, column]) > 0
    return tied


def golden():
    """61 rows of a smooth formula and a little chaos; gaps of many patterns, one row without any value."""
    rows = []
    for i in range(61):
        row = []
        for c in range(30):
            noise = math.sin(12.9898 * (i + 1) + 78.233 * (c + 1)) * 43758.5453
            value = 48 + 20 * math.sin(c) + 5 * math.cos(0.37 * i + 0.11 * c) + (noise - math.floor(noise))
            row.append(round(value, 4))
        for c in range(30):
            four_points_only = i % 3 == 0 and c not in (0, 1, 2, 3, 20, 21, 28, 29)
            scattered = (7 * i + 11 * c) % 17 == 0 and i % 3 == 1
            nearly_empty = i in (10, 40) and c > 1
            if four_points_only or scattered or nearly_empty or i == 25:
                row[c] = math.nan
        # Two halves that share no column: between them there is no distance at all.
        if i in (13, 31):
            row = [v if (c < 15) == (i == 13) else math.nan for c, v in enumerate(row)]
        rows.append(row)
    table = np.array(rows)
    if tied_cells(table).any():
        sys.exit("the golden has tied cells: change the formula")
    write(GOLDENS / "knn_input.csv", table)
    write(GOLDENS / "knn_expected.csv", impute(table))


def compare(given_path, filled_path):
    given, filled = read(given_path), read(filled_path)
    start = time.perf_counter()
    expected = impute(given)
    seconds = time.perf_counter() - start
    gaps, tied = np.isnan(given), tied_cells(given)
    difference = np.abs(filled - expected)
    print(f"{len(given)} rows, {gaps.sum()} gaps, {tied.sum()} of them tied and left out")
    print(f"largest difference: {difference[gaps & ~tied].max():.3e} px in the gaps, "
          f"{np.abs(filled - given)[~gaps].max():.3e} px elsewhere")
    print(f"scikit-learn took {seconds:.3f} s")
    sys.exit(0 if difference[~tied].max() <= 1e-6 else 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["golden"]:
        golden()
    elif len(sys.argv) == 4 and sys.argv[1] == "compare":
        compare(*sys.argv[2:])
    else:
        sys.exit(__doc__)

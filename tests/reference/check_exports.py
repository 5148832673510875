"""Whether pycocotools and dlib see the points of an export where a csv says that they are.

    python tests/reference/check_exports.py FOLDER [--xml FILE] [--coco FILE] [--csv FILE]
                                            [--tolerance PX] [--imglab-points PROGRAM]

FOLDER holds one .xml (dlib's imglab), one .json (COCO keypoints) and one .csv, or they are named. The csv: the path of
a photograph, then NAME_x,NAME_y for each point, in px from 0 at the centre of the first pixel, empty where a point is
missing; other columns are left out. Faces of one photograph are compared in the order of their rows; paths are
relative to the file that names them, or absolute.

COCO: read by pycocotools; each point that the csv has has a visibility above 0 and lies within --tolerance (1e-4),
each other one has visibility 0; names are the category's. Then the file's own points are scored by COCOeval as an answer
to it, which must be without a fault (AP 1), as a user would do with a network's. imglab: read by dlib (imglab_points.cpp,
built here unless a program is named); whole numbers, so half a pixel of each coordinate. Parts go by their names,
or by numbers from 0 in the csv's order. Needs numpy, pillow, pycocotools, libdlib-dev. Exit 1 where something differs.
"""

import argparse
import contextlib
import csv
import io
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Report:
    """What was compared and what was wrong, of one file."""

    def __init__(self, path):
        self.path, self.points, self.faces, self.missing, self.largest, self.faults = path, 0, 0, 0, [0.0, 0.0], []

    def fault(self, text):
        self.faults.append(text)

    def point(self, where, want, got, limit):
        """One coordinate pair; None where there is none."""
        if want is None or got is None:
            self.missing += want is got
            if want is not got:
                self.fault(f"{where}: {'missing' if got is None else got}, the csv has {want or 'none'}")
            return
        self.points += 1
        away = [abs(a - b) for a, b in zip(want, got)]
        self.largest = [max(a, b) for a, b in zip(self.largest, away)]
        if max(away) > limit:
            self.fault(f"{where}: {got}, the csv has {want}")

    def faces_of(self, got, want):
        """Pairs of faces by photograph."""
        for path in sorted(got.keys() | want.keys()):
            a, b = got.get(path, []), want.get(path, [])
            if len(a) != len(b):
                self.fault(f"{path}: {len(a)} faces, the csv has {len(b)}")
            self.faces += min(len(a), len(b))
            for index, pair in enumerate(zip(a, b)):
                yield f"{path}, face {index + 1}", *pair

    def show(self):
        print(f"{self.path}: {self.faces} faces, {self.points} points compared, {self.missing} missing in both, "
              f"largest distance {self.largest[0]:.6g} px in x, {self.largest[1]:.6g} px in y")
        for text in self.faults[:10]:
            print(f"  {text}")
        if len(self.faults) > 10:
            print(f"  ... and {len(self.faults) - 10} more")
        if self.points == 0:
            self.fault("no point")
            print("  no point was compared")
        return not self.faults


def resolved(base, name):
    return os.path.realpath(os.path.join(base, name))


def read_csv(path):
    """Names of the points, and for each photograph its faces: [(x, y) or None] in that order."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    columns = {name: i for i, name in enumerate(header)}
    names = [n[:-2] for n in header[1:] if n.endswith("_x") and n[:-2] + "_y" in columns]
    others = [n for n in header[1:] if n[:-2] not in names]
    if others:
        print(f"{path}: left out: {', '.join(others)}")
    faces = defaultdict(list)
    for row in rows:
        points = []
        for name in names:
            x, y = row[columns[name + "_x"]], row[columns[name + "_y"]]
            points.append((float(x), float(y)) if x and y else None)
        faces[resolved(path.parent, row[0])].append(points)
    return names, faces


def check_coco(path, names, want, tolerance):
    report = Report(path)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    sizes, got, answers = {}, defaultdict(list), []
    order = {c["id"]: c.get("keypoints", []) for c in coco.loadCats(coco.getCatIds())}
    for category, points in order.items():
        if sorted(points) != sorted(names):
            report.fault(f"category {category}: its keypoints are not the csv's: {points[:3]} ..., {names[:3]} ...")
        for a, b in coco.cats[category].get("skeleton", []):
            if not (1 <= a <= len(points) and 1 <= b <= len(points)):
                report.fault(f"category {category}: a line from {a} to {b} of {len(points)}")
    if report.faults:
        report.show()
        return False
    for image in coco.loadImgs(coco.getImgIds()):
        photograph = resolved(path.parent, image["file_name"])
        sizes[photograph] = (image["width"], image["height"])
        for annotation in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]])):
            where, triples = f"annotation {annotation['id']}", np.reshape(annotation["keypoints"], (-1, 3))
            named = dict(zip(order[annotation["category_id"]], triples))
            got[photograph].append([tuple(map(float, named[n][:2])) if named[n][2] > 0 else None for n in names])
            labelled = int((triples[:, 2] > 0).sum())
            if annotation["num_keypoints"] != labelled:
                report.fault(f"{where}: num_keypoints {annotation['num_keypoints']}, {labelled} labelled")
            if not set(triples[:, 2]) <= {0, 1, 2}:
                report.fault(f"{where}: visibilities {sorted(set(triples[:, 2]))}")
            if not (annotation["area"] > 0 and min(annotation["bbox"][2:]) > 0):
                report.fault(f"{where}: box {annotation['bbox']}, area {annotation['area']}")
            answers.append({k: annotation[k] for k in ("image_id", "category_id", "keypoints", "bbox")} | {"score": 1.0})
    for where, a, b in report.faces_of(got, want):
        for name, x, y in zip(names, a, b):
            report.point(f"{where}, {name}", y, x, tolerance)
    check_pictures(report, sizes)

    with contextlib.redirect_stdout(io.StringIO()):
        scores = COCOeval(coco, coco.loadRes(answers), "keypoints")
        scores.params.kpt_oks_sigmas = np.full(len(names), 0.05)
        scores.evaluate(), scores.accumulate(), scores.summarize()
    if scores.stats[0] != 1:
        report.fault(f"COCOeval: its own points score AP {scores.stats[0]:.4f}, expected 1")
    return report.show()


def check_pictures(report, sizes):
    """sizes: what the file says of each photograph; None: nothing."""
    for photograph, size in sizes.items():
        if not os.path.exists(photograph):
            report.fault(f"{photograph}: no such photograph")
        elif size and Image.open(photograph).size != size:
            report.fault(f"{photograph}: is {Image.open(photograph).size}, the file says {size}")


def imglab_lines(path, program):
    with tempfile.TemporaryDirectory() as folder:
        if not program:
            program = f"{folder}/imglab_points"
            source = Path(__file__).parent / "imglab_points.cpp"
            libraries = ["-ldlib", "-llapack", "-lblas"]
            subprocess.run(["g++", "-std=c++20", "-O1", "-w", source, *libraries, "-o", program], check=True)
        seen = subprocess.run([os.path.abspath(program), path], check=True, text=True, capture_output=True)
        return seen.stdout.splitlines()


def check_imglab(path, names, want, program):
    report, boxes = Report(path), {}  # (photograph, box): {name: (x, y)}
    for line in imglab_lines(path, program):
        image, box, name, x, y = line.split("\t")
        parts = boxes.setdefault((resolved(path.parent, image), box), {})
        if name:
            parts[name] = (float(x), float(y))
        elif min(int(x), int(y)) <= 0:
            report.fault(f"{image}, box {box}: {x} by {y}")
    got, known = defaultdict(list), set(names)
    for (photograph, box), parts in boxes.items():
        if not parts.keys() <= known and all(n.isdigit() and int(n) < len(names) for n in parts):
            parts = {names[int(n)]: xy for n, xy in parts.items()}
        for name in parts.keys() - known:
            report.fault(f"{photograph}, box {box}: a part {name}, the csv has no such point")
        got[photograph].append([parts.get(n) for n in names])
    for where, a, b in report.faces_of(got, want):
        for name, x, y in zip(names, a, b):
            report.point(f"{where}, {name}", y, x, 0.5 + 1e-4)
    check_pictures(report, dict.fromkeys(got))
    return report.show()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for kind in ("xml", "coco", "csv"):
        parser.add_argument(f"--{kind}", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--imglab-points", type=Path)
    args = parser.parse_args()
    for kind, suffix in (("xml", "xml"), ("coco", "json"), ("csv", "csv")):
        if getattr(args, kind):
            continue
        found = sorted(args.folder.glob(f"*.{suffix}"))
        if len(found) != 1:
            sys.exit(f"{args.folder}: {len(found)} .{suffix} files, expected one, or --{kind}")
        setattr(args, kind, found[0])
    names, want = read_csv(args.csv)
    print(f"{args.csv}: {sum(map(len, want.values()))} faces of {len(want)} photographs, {len(names)} points")
    good = [check_coco(args.coco, names, want, args.tolerance), check_imglab(args.xml, names, want, args.imglab_points)]
    print("the same" if all(good) else "different")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()

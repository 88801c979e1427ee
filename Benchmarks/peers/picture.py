"""Draws the comparison of layers: speedup over PyTorch, and fraction of the peak."""

import matplotlib

matplotlib.use("Agg")
# Text stays text in the SVG, and the same result gives the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "weft", "font.size": 9})
import matplotlib.pyplot as plot  # noqa: E402

import shapes  # noqa: E402
from layers import shape_of  # noqa: E402
from tables import CELL_NAMES  # noqa: E402

ONE, TWO, PEER = "#1b6ca8", "#7fb7dd", "#c9c9c9"


def bars(axes, positions, groups):
    """`groups`: colour, values; side by side at each position."""
    width = 0.8 / len(groups)
    for index, (colour, values) in enumerate(groups):
        offset = (index - (len(groups) - 1) / 2) * width
        axes.barh([p + offset for p in positions], values, width, color=colour)


def draw(result, paths):
    rows = {(r["cell"], shape_of(r), r["threads"]): r for r in result["rows"]}
    cells = [cell for cell in shapes.CELLS if any(key[0] == cell for key in rows)]
    shape_list = list(dict.fromkeys(shape_of(row) for row in result["rows"]))
    threads = sorted({row["threads"] for row in result["rows"]})
    positions = list(range(len(shape_list)))

    def values(cell, count, key):
        return [rows.get((cell, shape, count), {}).get(key, 0) for shape in shape_list]

    figure, grid = plot.subplots(
        2, len(cells), figsize=(2.9 * len(cells), 1.4 + 0.75 * len(shape_list)), sharey=True, sharex="row",
        squeeze=False, layout="constrained")
    for column, cell in enumerate(cells):
        speed, peak = grid[0][column], grid[1][column]
        bars(speed, positions, [
            (colour, values(cell, count, "ratio")) for count, colour in zip(threads, (ONE, TWO))])
        speed.axvline(1, color="black", linewidth=0.8)
        speed.set_title(CELL_NAMES[cell])
        speed.set_xlabel("times as fast as PyTorch")
        bars(peak, positions, [
            (colour, [100 * v for v in values(cell, threads[0], f"{key}_fraction_of_peak")])
            for key, colour in (("pytorch", PEER), ("weft", ONE))])
        peak.set_xlim(0, 100)
        peak.set_xlabel(f"% of the peak, {threads[0]} thread{'s' if threads[0] > 1 else ''}")
        for axes in (speed, peak):
            axes.grid(axis="x", color="#e5e5e5")
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
    for row in grid:
        row[0].set_yticks(positions, [str(shape) for shape in shape_list])
    colours = [(f"Weft, {count} thread{'s' if count > 1 else ''}", colour) for count, colour in zip(threads, (ONE, TWO))]
    handles = [plot.Rectangle((0, 0), 1, 1, color=colour) for _, colour in [*colours, ("", PEER)]]
    figure.legend(
        handles, [*(name for name, _ in colours), "PyTorch"], loc="outside upper right", ncols=3, frameon=False)
    # One call is enough: the vertical axes are shared.
    grid[0][0].invert_yaxis()
    for path in paths:
        metadata = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(path, dpi=150, metadata=metadata)
    plot.close(figure)

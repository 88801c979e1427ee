// Draws the figures of a report with uPlot. Each figure is an element of class "plot" whose data-figure is its number in
// the list that the element "figures" holds as JSON (`PageFigure`).
(() => {
  "use strict";

  let figures = JSON.parse(document.getElementById("figures").textContent);
  const spoken = document.getElementById("spoken");
  const style = getComputedStyle(document.documentElement);
  const color = name => style.getPropertyValue(name).trim();
  const seriesColor = number => `--series${number % 8}`;
  const charts = [];

  /** A number as people read it. */
  const short = value => {
    if (value == null || !isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size >= 1e9 || (size > 0 && size < 1e-3)) return value.toExponential(2).replace(/\.?0+e/, "e");
    if (size >= 1e6) return `${+(value / 1e6).toPrecision(4)}M`;
    if (size >= 1e4) return `${+(value / 1e3).toPrecision(4)}k`;
    return String(+value.toPrecision(4));
  };

  const axis = (label, options) => ({
    stroke: () => color("--soft"),
    grid: { stroke: () => color("--grid"), width: 1 },
    ticks: { stroke: () => color("--grid"), width: 1 },
    font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
    label, labelSize: 20, ...options,
  });

  const size = element => ({ width: Math.max(element.clientWidth, 200), height: 280 });

  // MARK: Lines

  /** The values of all lines at all their places, null where a line has none. */
  const joined = series =>
    series.length === 1 ? [series[0].x, series[0].y] : uPlot.join(series.map(line => [line.x, line.y]));

  /** The latest of the values up to a place; undefined without any. */
  const latest = (values, place) => {
    while (place >= 0 && values[place] == null) place--;
    return values[place];
  };

  /** The range of a scale on which all values are the same, with that value in its middle. */
  const around = value => [value - 0.5 * (Math.abs(value) || 1), value + 0.5 * (Math.abs(value) || 1)];

  const lineOptions = (figure, element, isLogarithmic) => {
    const areas = figure.kind === "areas";
    // The largest sum is drawn first and the others over it.
    const lines = areas ? [...figure.series].reverse() : figure.series;
    let data = joined(figure.series);
    const own = areas ? [data[0], ...data.slice(1).reverse()] : data;
    if (areas) {
      const sums = data[0].map(() => 0);
      const stacked = data.slice(1).map(values => values.map((value, place) => (sums[place] += value ?? 0)));
      data = [data[0], ...stacked.reverse()];
    }
    const options = {
      ...size(element),
      scales: {
        x: { time: false, range: (_, low, high) => (low === high && low != null ? around(low) : [low, high]) },
        y: areas ? { range: [0, 100] } : isLogarithmic ? { distr: 3 } : {
          range: (_, low, high) =>
            low == null ? [0, 1] : low === high ? around(low) : uPlot.rangeNum(low, high, 0.1, true),
        },
      },
      axes: [
        axis(figure.x, { values: (_, splits) => splits.map(short) }),
        axis(null, { values: (_, splits) => splits.map(value => (value == null ? "" : short(value))), size: 58 }),
      ],
      cursor: { sync: { key: "steps", scales: ["x", null] }, points: { size: 7 } },
      // The page's own names of colours, so that the legend follows the page between light and dark.
      legend: {
        markers: {
          stroke: (u, index) => `var(${u.series[index].ink})`,
          // Lines with points, those of validation, are filled, so that names of one colour can be told apart.
          fill: (u, index) => (areas || u.series[index].hasPoints ? `var(${u.series[index].ink})` : "transparent"),
          width: 2, dash: () => "solid",
        },
      },
      series: [
        { label: figure.x, value: (_, value) => short(value) },
        ...lines.map((line, index) => ({
          label: line.name,
          ink: seriesColor(line.color),
          hasPoints: line.style === "points",
          stroke: () => color(seriesColor(line.color)),
          fill: areas ? () => color(seriesColor(line.color)) : undefined,
          width: areas ? 0 : line.style === "thin" ? 1 : 2,
          alpha: line.style === "thin" ? 0.75 : 1,
          spanGaps: true,
          points: { show: line.x.length === 1 || (line.style === "points" && line.x.length < 60), size: 5 },
          value: (u, value, _, place) => short(place == null ? null : latest(own[index + 1], place)),
        })),
      ],
      // Without a cursor the legend tells the last values.
      hooks: { ready: [showLast], setLegend: [u => (u.cursor.left >= 0 ? undefined : showLast(u))] },
    };
    return { options, data };
  };

  const showLast = u => u.setLegend({ idx: u.data[0].length - 1 }, false);

  const allPositive = figure =>
    figure.kind === "lines" && figure.series.every(line => line.y.every(value => value == null || value > 0));

  // MARK: Maps

  const stops = [[68, 1, 84], [65, 68, 135], [42, 120, 142], [34, 168, 132], [122, 209, 81], [253, 231, 37]];

  /** The colour of a share from 0 to 1. */
  const mapColor = share => {
    const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const index = Math.min(Math.floor(place), stops.length - 2);
    return stops[index].map((low, part) => low + (stops[index + 1][part] - low) * (place - index));
  };

  const scaled = (figure, value) => (value == null ? NaN : figure.isLogarithmic ? Math.log10(value) : value);

  /** The map's numbers as one pixel each, the lowest row at the bottom. */
  const pixels = figure => {
    const [columns, rows] = [figure.columns.length, figure.rows.length];
    const values = figure.values.flat().map(value => scaled(figure, value)).filter(isFinite);
    const least = values.reduce((a, b) => Math.min(a, b), Infinity);
    const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns, rows];
    const context = canvas.getContext("2d");
    const image = context.createImageData(columns, rows);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        const value = scaled(figure, figure.values[column][row]);
        const place = 4 * ((rows - 1 - row) * columns + column);
        const rgb = isFinite(value) ? mapColor((value - least) / (greatest - least || 1)) : [128, 128, 128];
        image.data.set([...rgb, 255], place);
      }
    }
    context.putImageData(image, 0, 0);
    return { canvas, least, greatest };
  };

  const mapOptions = (figure, element) => {
    const { canvas, least, greatest } = pixels(figure);
    const [columns, rows] = [figure.columns.length, figure.rows.length];
    const box = u => {
      const [left, right] = [u.valToPos(-0.5, "x", true), u.valToPos(columns - 0.5, "x", true)];
      const [bottom, top] = [u.valToPos(-0.5, "y", true), u.valToPos(rows - 0.5, "y", true)];
      return [left, top, right - left, bottom - top];
    };
    const clipped = (u, draw) => {
      u.ctx.save();
      u.ctx.beginPath();
      u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      u.ctx.clip();
      draw(u.ctx);
      u.ctx.restore();
    };
    const names = list => (_, splits) => splits.map(place => (Number.isInteger(place) ? list[place] ?? "" : ""));
    // Names, unlike numbers, are all written where there is room for them.
    const areNames = list => list.length <= 12 && list.some(name => isNaN(name));
    const places = list => (areNames(list) ? { incrs: [1], space: 12 } : {});
    const longest = list => Math.max(...list.map(name => name.length));
    const rowWidth = Math.min(Math.max(24 + 7 * longest(figure.rows), 38), element.clientWidth / 3);
    const roomForNames = element.clientWidth - rowWidth - 40 > columns * (10 + 7 * longest(figure.columns));
    const whole = [-0.5, columns - 0.5];
    const options = {
      ...size(element),
      scales: {
        // uPlot asks for all places at first; the outer columns are as wide as the others.
        x: { time: false, range: (_, low, high) => (low == null || high - low === columns - 1 ? whole : [low, high]) },
        y: { range: [-0.5, rows - 0.5] },
      },
      axes: [
        axis(figure.x, {
          grid: { show: false }, values: names(figure.columns), ...(roomForNames ? places(figure.columns) : {}),
        }),
        axis(figure.y, { grid: { show: false }, values: names(figure.rows), size: rowWidth, ...places(figure.rows) }),
      ],
      cursor: { points: { show: false }, drag: { x: columns > 8, y: false } },
      legend: { show: false },
      // What uPlot takes for a line has its places only.
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        drawClear: [u => clipped(u, context => {
          context.imageSmoothingEnabled = false;
          context.drawImage(canvas, ...box(u));
        })],
        draw: [u => clipped(u, context => {
          const ratio = devicePixelRatio;
          context.font = `600 ${13 * ratio}px system-ui, sans-serif`;
          context.textAlign = "center";
          for (const mark of figure.marks) {
            const x = u.valToPos(mark.column, "x", true);
            context.strokeStyle = "rgb(255 255 255 / 60%)";
            context.lineWidth = ratio;
            context.beginPath();
            context.moveTo(x, u.bbox.top + 20 * ratio);
            context.lineTo(x, u.bbox.top + u.bbox.height);
            context.stroke();
            context.lineWidth = 3 * ratio;
            context.strokeStyle = "#000";
            context.strokeText(mark.text, x, u.bbox.top + 14 * ratio);
            context.fillStyle = "#fff";
            context.fillText(mark.text, x, u.bbox.top + 14 * ratio);
          }
        })],
        setCursor: [u => (element.nextElementSibling.firstChild.textContent = reading(u, figure))],
      },
    };
    const numbers = figure.isLogarithmic ? [10 ** least, 10 ** greatest] : [least, greatest];
    const legend = document.createElement("p");
    legend.className = "scale";
    legend.innerHTML = "<span></span><span><i></i></span>";
    legend.lastChild.prepend(short(numbers[0]) + " ");
    legend.lastChild.append(" " + short(numbers[1]));
    element.after(legend);
    return { options, data: [figure.columns.map((_, place) => place), figure.columns.map(() => 0)] };
  };

  // MARK: Reading at the cursor

  /** What a figure shows where the cursor is. */
  const reading = (u, figure) => {
    const place = u.cursor.idx;
    if (place == null) return "";
    if (figure.kind === "map") {
      const row = Math.min(Math.max(Math.round(u.posToVal(u.cursor.top, "y")), 0), figure.rows.length - 1);
      const value = figure.values[place]?.[row];
      return `${figure.x} ${figure.columns[place]}, ${figure.y} ${figure.rows[row]}: ${short(value)}`;
    }
    const values = u.series.slice(1).filter(line => line.show)
      .map(line => `${line.label} ${line.value(u, u.data[u.series.indexOf(line)][place], 0, place)}`);
    return `${figure.x} ${u.data[0][place]}: ${values.join(", ")}`;
  };

  const moved = (u, figure, columns, rows) => {
    const last = u.data[0].length - 1;
    const place = Math.min(Math.max((u.cursor.idx ?? (columns < 0 ? last + 1 : -1)) + columns, 0), last);
    let top = u.cursor.top >= 0 ? u.cursor.top : u.over.clientHeight / 2;
    if (figure.kind === "map") {
      const row = Math.round(u.posToVal(top, "y")) + rows;
      top = u.valToPos(Math.min(Math.max(row, 0), figure.rows.length - 1), "y");
    }
    u.setCursor({ left: u.valToPos(u.data[0][place], "x"), top });
    spoken.textContent = reading(u, figure);
  };

  const zoomed = (u, factor) => {
    const { min, max } = u.scales.x;
    const centre = u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : (min + max) / 2;
    u.setScale("x", { min: centre - (centre - min) * factor, max: centre + (max - centre) * factor });
  };

  const whole = (u, figure) => {
    const places = u.data[0];
    const margin = figure.kind === "map" ? 0.5 : 0;
    u.setScale("x", { min: places[0] - margin, max: places[places.length - 1] + margin });
  };

  const pressed = (chart, event) => {
    const [u, figure] = [chart.plot, chart.figure];
    const stride = event.shiftKey ? 10 : 1;
    const actions = {
      ArrowLeft: () => moved(u, figure, -stride, 0),
      ArrowRight: () => moved(u, figure, stride, 0),
      ArrowUp: () => moved(u, figure, 0, stride),
      ArrowDown: () => moved(u, figure, 0, -stride),
      Home: () => moved(u, figure, -Infinity, 0),
      End: () => moved(u, figure, Infinity, 0),
      "+": () => zoomed(u, 0.5),
      "-": () => zoomed(u, 2),
      Escape: () => whole(u, figure),
    };
    const isVertical = ["ArrowUp", "ArrowDown"].includes(event.key) && figure.kind !== "map";
    if (!actions[event.key] || isVertical || event.ctrlKey || event.metaKey || event.target !== chart.element) return;
    actions[event.key]();
    event.preventDefault();
  };

  // MARK: Charts

  /** The part of a chart that is shown, if it was zoomed, and which of its lines. */
  const view = ({ plot, figure }) => {
    if (!plot) return {};
    const places = plot.data[0];
    const margin = figure.kind === "map" ? 0.5 : 0;
    const { min, max } = plot.scales.x;
    const isZoomed = min > places[0] - margin || max < places[places.length - 1] + margin;
    return { range: isZoomed && min < max ? { min, max } : null, hidden: plot.series.map(line => line.show === false) };
  };

  const draw = chart => {
    const { figure, element } = chart;
    const { range, hidden } = view(chart);
    chart.plot?.destroy();
    if (figure.kind === "map") while (element.nextElementSibling?.matches(".scale")) element.nextElementSibling.remove();
    const { options, data } =
      figure.kind === "map" ? mapOptions(figure, element) : lineOptions(figure, element, chart.isLogarithmic);
    hidden?.forEach((isHidden, index) => { if (isHidden && options.series[index]) options.series[index].show = false; });
    chart.plot = new uPlot(options, data, element);
    if (range) chart.plot.setScale("x", range);
    // The legend's entries show and hide lines.
    for (const entry of element.querySelectorAll(".u-series:not(:first-child) th")) {
      entry.tabIndex = 0;
      entry.setAttribute("role", "button");
      entry.addEventListener("keydown", event => {
        if (!["Enter", " "].includes(event.key)) return;
        entry.click();
        event.preventDefault();
      });
    }
  };

  for (const element of document.querySelectorAll(".plot")) {
    const chart = { element, figure: figures[element.dataset.figure], isLogarithmic: false };
    if (allPositive(chart.figure)) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "log";
      button.title = "Logarithmic scale";
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        chart.isLogarithmic = !chart.isLogarithmic;
        button.setAttribute("aria-pressed", String(chart.isLogarithmic));
        draw(chart);
      });
      element.previousElementSibling.append(button);
    }
    draw(chart);
    charts.push(chart);
    element.addEventListener("keydown", event => pressed(chart, event));
    new ResizeObserver(() => chart.plot.setSize(size(element))).observe(element);
  }

  matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", () => charts.forEach(chart => chart.plot.redraw(false)));

  // MARK: Paper

  // Paper is light, and tables that are folded away on the screen are printed.
  const opened = [];
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    for (const details of document.querySelectorAll(".chart details:not([open])")) {
      details.open = true;
      opened.push(details);
    }
    charts.forEach(chart => chart.plot.redraw(false));
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    opened.splice(0).forEach(details => (details.open = false));
    charts.forEach(chart => chart.plot.redraw(false));
  });

  // MARK: Pages of a run at work

  const root = document.documentElement;
  const status = document.getElementById("status");
  let told = status?.textContent;

  /** Shows what has changed since the latest answer; a page with other figures is loaded anew. */
  const refresh = async () => {
    let pause = 2000;
    try {
      const answer = await fetch(`data?since=${encodeURIComponent(root.dataset.state ?? "")}`);
      if (!answer.ok) throw new Error(answer.statusText);
      if (answer.status === 200) {
        const { version, state, status: text, summary, figures: newer } = await answer.json();
        if (version !== root.dataset.live) return location.reload();
        root.dataset.state = state;
        told = text;
        document.getElementById("summary").innerHTML = summary;
        charts.forEach(chart => {
          const figure = newer[chart.element.dataset.figure];
          if (JSON.stringify(figure) === JSON.stringify(chart.figure)) return;
          chart.figure = figure;
          draw(chart);
        });
        figures = newer;
        root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1);
      }
      // Said aloud only when it changes.
      if (status.textContent !== told) status.textContent = told;
    } catch {
      status.textContent = "no answer from weft report --serve";
      pause = 10000;
    }
    setTimeout(refresh, document.hidden ? 5 * pause : pause);
  };
  if (root.dataset.live) setTimeout(refresh, 500);

  document.documentElement.dataset.drawn = String(charts.length);
})();

// The trend charts of a rep: values, target, and dashed lines where the rules changed.
(() => {
  "use strict";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const language = document.documentElement.lang;
  const shown = (unit) => {
    const format = new Intl.NumberFormat(language, unit === "share" ? { style: "percent", maximumFractionDigits: 0 } : { maximumFractionDigits: 1 });
    return (value) => (value === null || value === undefined ? "–" : format.format(value));
  };
  for (const box of document.querySelectorAll("[data-chart]")) {
    const { days, series, marks } = JSON.parse(box.dataset.chart);
    const text = shown(series.unit);
    const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    const vertical = {
      hooks: {
        draw: (plot) => {
          const { ctx, bbox } = plot;
          ctx.save();
          ctx.setLineDash([4, 4]);
          ctx.strokeStyle = colour("--line-strong");
          for (const mark of marks) {
            const x = plot.valToPos(mark.at, "x", true);
            if (x < bbox.left || x > bbox.left + bbox.width) continue;
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
          }
          ctx.restore();
        },
      },
    };
    const lines = [{ label: "\u00a0", value: (_, at) => (at === null ? "–" : day.format(at * 1000)) },
      { label: series.title[language] || series.id, stroke: colour("--accent"), width: 2, spanGaps: true, points: { show: true, size: 6 }, value: (_, value) => text(value) }];
    const data = [days, series.values];
    if (series.target !== null) {
      lines.push({ label: box.dataset.target, stroke: colour("--muted"), width: 1, dash: [6, 4], points: { show: false }, value: (_, value) => text(value) });
      data.push(days.map(() => series.target));
    }
    const top = series.unit === "share" ? 1 : series.unit === "points" ? 5 : null;
    const plot = new uPlot({
      width: box.clientWidth, height: 220, series: lines, plugins: [vertical], cursor: { drag: { x: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { range: (_, low, high) => [0, top ?? Math.max(1, high * 1.1)] } },
      axes: [{ ...axis, space: 72, values: (_, ticks) => ticks.map((tick) => day.format(tick * 1000)) }, { ...axis, values: (_, ticks) => ticks.map(text), size: 56 }],
    }, data, box);
    new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: 220 })).observe(box);
  }
})();

"use strict";
// Draws the chart and the tables from the data block. Text reaches the page by textContent only.
(() => {
  const story = JSON.parse(document.getElementById("story").textContent);
  const rows = story.rows;
  const STEP = 1000; // rows shown at once: a browser draws these in well under a second
  let shown = STEP;
  let target = 0;

  const zone = (() => {
    try { new Intl.DateTimeFormat("en", {timeZone: story.zone}); return story.zone; } catch { return "UTC"; }
  })();
  const format = options => new Intl.DateTimeFormat("en-GB", {timeZone: zone, hourCycle: "h23", ...options});
  const clock = format({hour: "2-digit", minute: "2-digit", second: "2-digit"});
  const hour = format({hour: "2-digit", minute: "2-digit"});
  const date = format({weekday: "long", day: "numeric", month: "long", year: "numeric"});
  const dayClock = format({weekday: "short", hour: "2-digit", minute: "2-digit"});
  const shortDate = format({day: "numeric", month: "short"});
  const at = n => story.start + rows[n - 1][0];
  const amount = cents => (cents / 100).toLocaleString("en-US", {minimumFractionDigits: 2});

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const link = n => {
    const made = element("a", clock.format(at(n)));
    made.href = "#r" + n;
    return made;
  };

  // ---- the chart ----

  const svg = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const titled = (made, text) => { made.append(svg("title", {}, text)); return made; };

  // Where each row stands between 0 and 1. `quiet` shortens stretches in which only signs of life were exchanged, so that an outage of
  // twenty minutes is not a hair's breadth in a night of fourteen hours.
  const places = scale => {
    const last = rows.length - 1, span = Math.max(rows[last][0], 1);
    if (scale === "rows") return {at: rows.map((_, index) => index / Math.max(last, 1)), breaks: []};
    if (scale === "clock") return {at: rows.map(row => row[0] / span), breaks: []};
    const platform = story.lanes.indexOf("platform");
    const busy = [];
    rows.forEach((row, index) => { if (index === 0 || index === last || row[4] > 0 || row[1] === platform) busy.push(index); });
    let short = 0;
    for (let place = 1; place < busy.length; place += 1) {
      const gap = rows[busy[place]][0] - rows[busy[place - 1]][0];
      if (gap <= 600000) short += gap;
    }
    const most = Math.min(Math.max(short / 8, 20000), 1800000);
    const at = new Array(rows.length).fill(0), breaks = [];
    let reached = 0;
    for (let place = 1; place < busy.length; place += 1) {
      const from = busy[place - 1], to = busy[place];
      const gap = rows[to][0] - rows[from][0], length = Math.min(gap, most);
      for (let index = from + 1; index <= to; index += 1) at[index] = reached + (gap ? length * (rows[index][0] - rows[from][0]) / gap : 0);
      if (gap > 2 * most) breaks.push([from + 1, to + 1, gap]);
      reached += length;
    }
    return {at: at.map(each => each / Math.max(reached, 1)), breaks};
  };
  const lasting = ms => {
    const minutes = Math.round(ms / 60000);
    return minutes >= 120 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : minutes >= 2 ? `${minutes} min` : `${Math.round(ms / 1000)} s`;
  };

  const draw = () => {
    const place = document.getElementById("chart");
    place.replaceChildren();
    if (!rows.length) { place.append(element("p", "The journal is empty.", "dim")); return; }
    const scale = document.querySelector("input[name=scale]:checked").value;
    const placed = places(scale);
    const width = Math.max(place.clientWidth, 320);
    const left = width < 700 ? 86 : 92, right = 14, lane = 24, top = 24;
    const span = Math.max(rows[rows.length - 1][0], 1);
    const inner = width - left - right;
    const x = n => left + inner * placed.at[n - 1];
    const lanesEnd = top + story.lanes.length * lane;
    const heldHeight = 34;
    const height = lanesEnd + 12 + 20 + 20 + heldHeight + 12;
    const chart = svg("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": "events by lane over the story's time"});
    const bar = (from, to, y, tall, className, title) => {
      const begin = x(from), end = Math.max(x(to), begin + 2);
      chart.append(titled(svg("rect", {x: begin, y, width: end - begin, height: tall, class: className}), title));
      return [begin, end];
    };

    for (const [from, to, by] of story.down) {
      const who = by === "operator" ? "set by the operator" : "after failed attempts";
      bar(from, to, top, lanesEnd - top, "down", `Disconnected ${who}, ${clock.format(at(from))} to ${clock.format(at(to))}`);
    }
    for (const fault of story.faults) bar(fault.from, fault.to, top, lanesEnd - top, "fault", `fault ${fault.name} (${fault.of})`);

    for (const [from, to, gap] of placed.breaks) bar(from, to, top, height - 12 - top, "quiet", `${lasting(gap)} of quiet`);

    // Axis: round steps of the clock, or of rows; with quiet shortened, the times at which something begins.
    const wanted = Math.max(2, Math.floor(inner / 90));
    if (scale === "quiet") {
      const taken = [];
      const label = n => {
        const position = x(n);
        // The first and the last label stand beside their line, not across it.
        const middle = position < left + 20 ? position + 34 : position > width - 40 ? position - 34 : position;
        if (taken.some(each => Math.abs(each - middle) < 80)) return;
        taken.push(middle);
        axis(position, span > 72000000 || date.format(story.start) !== date.format(at(rows.length)) ? dayClock.format(at(n)) : clock.format(at(n)));
      };
      label(1);
      for (const [, to] of placed.breaks) label(to);
      rows.forEach((row, index) => label(index + 1));
    } else if (scale === "rows") {
      const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000].find(each => rows.length / each <= wanted) || 100000;
      for (let n = step; n <= rows.length; n += step) axis(x(n), "row " + n);
    } else {
      const minute = 60000;
      const steps = [1 / 12, 1 / 6, .5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map(each => each * minute);
      const step = steps.find(each => span / each <= wanted) || 43200 * minute;
      for (let time = Math.ceil(story.start / step) * step; time <= story.start + span; time += step) {
        const label = step < minute ? clock.format(time) : step < 1440 * minute ? hour.format(time) : shortDate.format(time);
        axis(left + inner * (time - story.start) / span, label);
      }
    }
    function axis(position, label) {
      chart.append(svg("line", {x1: position, x2: position, y1: top, y2: height - 12, class: "grid"}));
      const anchor = position > width - 40 ? "end" : position < left + 20 ? "start" : "middle";
      chart.append(svg("text", {x: position, y: 15, class: "axis", "text-anchor": anchor}, label));
    }

    story.lanes.forEach((name, index) => {
      const y = top + index * lane;
      chart.append(svg("line", {x1: 0, x2: width, y1: y, y2: y, class: "grid"}));
      chart.append(svg("text", {x: 8, y: y + 16}, name));
    });
    const faultLane = story.lanes.indexOf("faults");
    if (faultLane >= 0) for (const fault of story.faults) {
      const y = top + faultLane * lane + 5;
      const [begin, end] = bar(fault.from, fault.to, y, 14, "faultbar", `${fault.name} (${fault.of}), ${fault.hits} hits`);
      const label = `${fault.name} (${fault.hits})`;
      if (end - begin > label.length * 6.5 + 8) chart.append(svg("text", {x: begin + 5, y: y + 11, class: "on"}, label));
    }

    // Events: those of one lane that fall on the same two pixels are one mark, as heavy as the heaviest of them.
    const marks = new Map();
    const bars = ["fault-on", "fault-off"].map(kind => story.kinds.indexOf(kind));
    rows.forEach((row, index) => {
      const n = index + 1;
      if (bars.includes(row[2]) && !story.violated[n]) return; // the bar itself begins and ends there
      const weight = story.violated[n] ? 3 : row[4];
      const key = row[1] + ":" + Math.round(x(n) / 2);
      const mark = marks.get(key);
      if (!mark) marks.set(key, {n, lane: row[1], weight, count: 1, first: n});
      else { mark.count += 1; if (weight > mark.weight) { mark.weight = weight; mark.n = n; } }
    });
    for (const mark of [...marks.values()].sort((one, other) => one.weight - other.weight)) {
      const middle = top + mark.lane * lane + lane / 2;
      const className = "event " + (mark.weight === 3 ? "v" : "w" + mark.weight);
      const made = mark.weight === 0
        ? svg("rect", {x: x(mark.n) - 1, y: middle - 4, width: 2, height: 8, class: className})
        : svg("circle", {cx: x(mark.n), cy: middle, r: mark.weight === 3 ? 5 : 3.5, class: className});
      const more = mark.count > 1 ? ` (and ${mark.count - 1} more here)` : "";
      titled(made, `${clock.format(at(mark.n))} ${story.texts[rows[mark.n - 1][3]]}${more}`);
      made.addEventListener("click", () => { location.hash = "r" + mark.n; go(mark.n); });
      chart.append(made);
    }

    // Strips: status, company file, held documents.
    const last = rows.length;
    const strip = (changes, y, label, className) => {
      chart.append(svg("text", {x: 8, y: y + 12}, label));
      changes.forEach(([from, value], index) => {
        const to = index + 1 < changes.length ? changes[index + 1][0] : last;
        const [begin, end] = bar(from, to, y, 15, className(value), `${label}: ${value}, from ${clock.format(at(from))}`);
        if (end - begin > value.length * 6.2 + 10) chart.append(svg("text", {x: begin + 5, y: y + 11.5, class: value === "closed" ? "small" : "on"}, value));
      });
    };
    const y = lanesEnd + 12;
    strip(story.status, y, "status", value => "s-" + (value === "Connected" ? "Connected" : "Disconnected"));
    strip(story.mode, y + 20, "file", value => "m-" + value.split("-")[0].split(",")[0]);
    const base = y + 40 + heldHeight;
    const most = Math.max(1, ...story.held.map(each => Number(each[1])));
    chart.append(svg("text", {x: 8, y: base - 12}, "held"));
    chart.append(svg("text", {x: 8, y: base, class: "small"}, `at most ${Math.max(...story.held.map(each => Number(each[1])))}`));
    let path = `M ${x(1)} ${base}`;
    story.held.forEach(([from, count], index) => {
      const to = index + 1 < story.held.length ? story.held[index + 1][0] : last;
      const high = base - (heldHeight - 4) * Number(count) / most;
      path += ` L ${x(from)} ${high} L ${x(to)} ${high}`;
    });
    chart.append(titled(svg("path", {d: `${path} L ${x(last)} ${base} Z`, class: "held"}), "documents held"));
    chart.append(svg("line", {x1: left, x2: width - right, y1: base, y2: base, class: "grid"}));
    place.append(chart);
  };

  // ---- the tables ----

  const fillDocuments = () => {
    document.getElementById("documents-count").textContent = story.documents.length + " accepted";
    const made = story.documents.map(([kind, number, party, total, accepted, posted, attempts, state, id]) => {
      const row = element("tr");
      const when = element("td"), done = element("td");
      when.append(link(accepted));
      if (posted) done.append(link(posted));
      const good = state === "posted" ? "pass" : state === "nowhere" ? "fail" : "inconclusive";
      row.append(element("td", kind), element("td", number), element("td", party), element("td", total ? amount(total) : "", "number"),
        when, done, element("td", attempts, "number"), element("td", state, good), element("td", id, "dim"));
      return row;
    });
    document.querySelector("#documents tbody").replaceChildren(...made);
  };

  const filters = Object.fromEntries(["lane", "kind", "text", "notable", "violations"].map(id => [id, document.getElementById(id)]));
  const matches = () => {
    const wantedLane = filters.lane.value, wantedKind = filters.kind.value, wantedText = filters.text.value.trim().toLowerCase();
    const found = [];
    rows.forEach((row, index) => {
      const n = index + 1;
      if (wantedLane !== "" && row[1] !== Number(wantedLane)) return;
      if (wantedKind !== "" && row[2] !== Number(wantedKind)) return;
      if (filters.notable.checked && row[4] === 0 && !story.violated[n]) return;
      if (filters.violations.checked && !story.violated[n]) return;
      if (wantedText && !story.texts[row[3]].toLowerCase().includes(wantedText)) return;
      found.push(n);
    });
    return found;
  };
  const fillRows = () => {
    const found = matches();
    const body = document.createDocumentFragment();
    let day = "";
    for (const n of found.slice(0, shown)) {
      const row = rows[n - 1];
      const today = date.format(at(n));
      if (today !== day) {
        day = today;
        const head = element("tr", null, "day"), cell = element("td", `${today} (${zone})`);
        cell.colSpan = 4;
        head.append(cell);
        body.append(head);
      }
      const violated = story.violated[n] || [];
      const made = element("tr", null, "w" + row[4] + (violated.length ? " v" : "") + (n === target ? " target" : ""));
      made.id = "r" + n;
      const what = element("td", story.texts[row[3]]);
      what.title = story.kinds[row[2]];
      for (const check of violated) {
        const tag = element("a", check, "tag");
        tag.href = "#f-" + check.replaceAll(" ", "-");
        what.append(tag);
      }
      made.append(element("td", n, "number"), element("td", clock.format(at(n))), element("td", story.lanes[row[1]]), what);
      body.append(made);
    }
    document.querySelector("#rows tbody").replaceChildren(body);
    const count = Math.min(shown, found.length);
    document.getElementById("rows-count").textContent = count === rows.length ? `all ${count}` : `${count} of ${found.length} found, ${rows.length} in all`;
    document.getElementById("more").hidden = found.length <= shown;
  };

  const go = n => {
    if (!(n >= 1 && n <= rows.length)) return;
    target = n;
    const found = matches();
    if (!found.includes(n)) for (const filter of Object.values(filters)) { if (filter.type === "checkbox") filter.checked = false; else filter.value = ""; }
    shown = Math.max(shown, Math.ceil((matches().indexOf(n) + 1) / STEP) * STEP);
    fillRows();
    document.getElementById("r" + n).scrollIntoView({block: "center"});
  };
  const goToHash = () => { const found = /^#r(\d+)$/.exec(location.hash); if (found) go(Number(found[1])); };

  story.lanes.forEach((name, index) => { const made = element("option", name); made.value = index; filters.lane.append(made); });
  story.kinds.forEach((name, index) => { const made = element("option", name); made.value = index; filters.kind.append(made); });
  for (const filter of Object.values(filters)) filter.addEventListener("input", () => { shown = STEP; fillRows(); });
  document.getElementById("more").addEventListener("click", () => { shown += STEP; fillRows(); });
  for (const radio of document.querySelectorAll("input[name=scale]")) radio.addEventListener("change", draw);
  addEventListener("hashchange", goToHash);
  addEventListener("beforeprint", () => { shown = rows.length; fillRows(); });
  let resized = 0;
  addEventListener("resize", () => { cancelAnimationFrame(resized); resized = requestAnimationFrame(draw); });

  draw();
  fillDocuments();
  fillRows();
  goToHash();
  document.documentElement.dataset.ready = "yes";
})();

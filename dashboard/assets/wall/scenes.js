// Draws a scene's plain values; sizes are in em of the least letter that the farthest viewer reads, none is smaller.
(function () {
  const { element } = wall;

  function rows(list, wide, most) {
    const [three, four] = wall.config.lang === 'en' ? [32, 48] : [25, 33]; // narrower walls leave a column out
    const box = element('div', 'rows ' + (wide >= four ? 'four' : wide >= three ? 'three' : 'two'));
    list.slice(0, most).forEach((row) => {
      const line = element('div', 'row ' + row.state);
      line.append(element('i', 'sign', row.sign), element('b', 'what', row.what));
      if (wide >= three) line.append(element('span', 'where', row.where));
      if (wide >= four) line.append(element('span', 'who', row.who));
      line.append(element('span', 'when', row.when));
      box.append(line);
    });
    return box;
  }

  // What is left below the last element of the stage, in em.
  function room(stage, size) {
    const last = stage.lastElementChild;
    return (stage.clientHeight - last.offsetTop - last.offsetHeight) / size.px - 0.2;
  }

  function drawRows(stage, data, size) {
    stage.append(element('p', 'lead', data.lead));
    const most = Math.min(8, Math.floor(room(stage, size) / 1.84));
    if (data.rows.length) stage.append(rows(data.rows, size.wide, most));
    else stage.append(element('p', 'empty', data.empty));
  }

  function drawNumbers(stage, data, size) {
    stage.append(element('p', 'lead large', data.lead));
    const narrow = size.wide < 26;
    const tight = room(stage, size) < 14;
    const box = element('div', 'numbers' + (narrow ? ' narrow' : ''));
    const lines = Math.max(1, Math.floor((room(stage, size) + 0.2) / (tight ? 5.6 : 6.9)));
    const most = Math.min(7, lines * (narrow ? 2 : 4));
    data.numbers.slice(0, most).forEach((one) => {
      const figure = element('div', 'number ' + one.state);
      figure.dataset.key = one.key;
      figure.append(element('span', 'label', (one.sign ? one.sign + ' ' : '') + one.label), element('b', '', one.value));
      if (!tight) figure.append(element('span', 'note', one.note || '\u00a0'));
      box.append(figure);
    });
    stage.append(box);
  }

  const SVG = 'http://www.w3.org/2000/svg';
  function shape(tag, given) {
    const made = document.createElementNS(SVG, tag);
    Object.entries(given).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  }

  function drawTrend(stage, data, size) {
    stage.append(element('p', 'lead', data.lead));
    const legend = element('p', 'legend');
    legend.append(element('i', 'bar'), element('span', '', data.legend.new));
    if (data.usual) legend.append(element('i', 'line'), element('span', '', data.legend.usual));
    stage.append(legend);
    const em = size.px;
    const width = size.wide * em - 2 * em;
    const height = Math.max(3, room(stage, size)) * em;
    const left = 3 * em;
    const bottom = 1.6 * em;
    const most = Math.max(4, ...data.new, ...(data.usual || []));
    const step = (width - left) / data.new.length;
    const y = (n) => (height - bottom) * (1 - n / most) * 0.94 + em * 0.5;
    const svg = shape('svg', { width, height, viewBox: `0 0 ${width} ${height}`, class: 'trend', role: 'img' });
    const floor = y(0);
    data.new.forEach((n, k) => svg.append(shape('rect', {
      x: left + k * step + step * 0.12, y: y(n), width: step * 0.76, height: Math.max(0, floor - y(n)), class: 'bar'
    })));
    if (data.usual) {
      const path = data.usual.map((n, k) => `${k ? 'L' : 'M'}${left + k * step} ${y(n)}H${left + (k + 1) * step}`).join('');
      svg.append(shape('path', { d: path, class: 'line', 'stroke-width': em * 0.09 }));
    }
    [0, most].forEach((n) => {
      const label = shape('text', { x: left - em * 0.4, y: y(n) + em * 0.35, 'text-anchor': 'end', 'font-size': em });
      label.textContent = Math.round(n);
      svg.append(label);
    });
    const every = step * 6 > 3.2 * em ? 6 : 12;
    data.hours.forEach((hour, k) => {
      if (Number(hour.slice(0, 2)) % every || k > data.hours.length - 2 || left + (k + 1.5) * step + em * 1.3 > width) return;
      const label = shape('text', { x: left + (k + 0.5) * step, y: height - em * 0.2, 'text-anchor': 'middle', 'font-size': em });
      label.textContent = hour;
      svg.append(label);
    });
    stage.append(svg);
  }

  function drawMapSide(stage, data, size) {
    stage.append(element('p', 'lead', data.lead));
    const list = rows(data.rows, size.wide, 7);
    stage.append(list);
    const legend = element('ul', 'words');
    data.legend.forEach((text) => {
      const css = { '▲': 'overdue', '◆': 'near_due', '●': 'fresh' }[text[0]];
      const item = element('li');
      if (css) item.append(element('i', css, text[0]), element('span', '', text.slice(1)));
      else item.append(element('span', '', text));
      legend.append(item);
    });
    stage.append(legend);
    // what does not fit is left out, never made smaller: lower lines first, so that the colours keep their meaning in words
    const over = () => stage.scrollHeight > stage.clientHeight;
    while (over() && list.children.length > 3) list.lastChild.remove();
    while (over() && legend.children.length > 3) legend.lastChild.remove();
    while (over() && list.children.length > 1) list.lastChild.remove();
  }

  const DRAW = { rows: drawRows, numbers: drawNumbers, trend: drawTrend, map: drawMapSide };

  // Replace what the stage holds; `size` is its room in em.
  wall.draw = function (stage, data, size) {
    stage.replaceChildren();
    stage.dataset.kind = data.kind;
    DRAW[data.kind](stage, data, size);
  };
})();

// The timeline: dragging across it sets the window, and the play button lets the heat of the window pass by.
(function () {
  const FRAMES = 96;
  const FRAME_MS = 100;
  const id = (name) => document.getElementById(name);
  let playing = null;

  // A time as it stands on the axis (the district's clocks) as a moment.
  function moment(local, zone) {
    const guess = Date.parse(local.slice(0, 16).replace(' ', 'T') + ':00Z');
    const shown = Date.parse(new Date(guess).toLocaleString('sv-SE', { timeZone: zone }).replace(' ', 'T') + 'Z');
    return guess - (shown - guess);
  }
  const stamp = (ms) => new Date(ms).toISOString().slice(0, 16).replace(/[-:]/g, '') + 'Z';

  function choose(range) {
    const state = qx.map.state();
    if (!state || !range) return;
    const bars = graph().data[0].x;
    const step = bars.length > 1 ? Date.parse(bars[1] + 'Z') - Date.parse(bars[0] + 'Z') : 3600000;
    // a bar begins half a step before the middle that plotly draws it at
    let [from, to] = range.map((x) => moment(String(x).padEnd(16, ' 00:00').slice(0, 19), state.zone) + step / 2);
    from = Math.floor(from / 3600000) * 3600000;
    to = Math.ceil(to / 3600000) * 3600000;
    if (to - from < 3600000) return;
    const q = new URLSearchParams(location.search);
    q.delete('w');
    q.set('from', stamp(from));
    q.set('to', stamp(to));
    qx.go(location.pathname + '?' + q.toString().replaceAll('%2C', ','));
  }

  const graph = () => document.querySelector('#timeline-graph .js-plotly-plot');
  new MutationObserver(() => {
    const gd = graph();
    if (!gd || !gd.on || gd.qxBrushed) return;
    gd.qxBrushed = true;
    gd.on('plotly_selected', (event) => { if (event && event.range) choose(event.range.x); });
  }).observe(document.documentElement, { childList: true, subtree: true });

  // One kernel on the raster, as large as the server's, cut where it is nothing.
  function kernelOf(day) {
    const sigma = day.bandwidth_m / day.pixel_m;
    const reach = Math.ceil(3.5 * sigma);
    const side = 2 * reach + 1;
    const cells = new Float32Array(side * side);
    let sum = 0;
    for (let i = 0; i < side; i++) {
      for (let k = 0; k < side; k++) {
        const value = Math.exp(-((i - reach) ** 2 + (k - reach) ** 2) / 2 / sigma ** 2);
        cells[i * side + k] = value;
        sum += value;
      }
    }
    const perKm2 = (day.pixel_m / 1000) ** 2;
    return { reach, side, cells: cells.map((value) => value / sum / perKm2) };
  }

  function stamps(day, kernel, density, index, sign) {
    const row = Math.floor(day.at[index] / day.columns);
    const column = day.at[index] % day.columns;
    const weight = sign * day.weight[index];
    const top = Math.max(0, row - kernel.reach), bottom = Math.min(day.rows - 1, row + kernel.reach);
    const left = Math.max(0, column - kernel.reach), right = Math.min(day.columns - 1, column + kernel.reach);
    for (let y = top; y <= bottom; y++) {
      let from = (y - row + kernel.reach) * kernel.side + left - column + kernel.reach;
      for (let at = y * day.columns + left; at <= y * day.columns + right; at++) density[at] += weight * kernel.cells[from++];
    }
  }

  function paint(day, density, image) {
    const scale = [Math.log(day.breaks[0] / 2), ...day.breaks.map(Math.log)];
    const perDay = 1440 / day.width;
    const alone = 2 * Math.PI * (day.bandwidth_m / 1000) ** 2;
    for (let i = 0; i < density.length; i++) {
      const support = density[i] * alone;
      const fades = Math.min(1, Math.max(0, (support - day.least / 2) / (day.least / 2)));
      let step = 0;
      if (fades > 0) {
        const v = Math.log(density[i] * perDay);
        while (step < scale.length - 1 && v >= scale[step + 1]) step++;
        if (v <= scale[0]) step = 0;
        else if (step < scale.length - 1) step += (v - scale[step]) / (scale[step + 1] - scale[step]);
      }
      const colour = day.palette[Math.min(day.palette.length - 1, Math.round(step * fades * 8))];
      image.data.set(colour, 4 * i);
    }
  }

  function cursor(day, minute) {
    const gd = graph(), line = id('play-cursor');
    const state = qx.map.state();
    const at = Date.parse(day.start) + minute * 60000;
    const zh = document.documentElement.lang !== 'en';
    id('play-time').textContent = new Date(at).toLocaleString(zh ? 'zh-CN' : 'en-GB',
      { timeZone: state.zone, month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
    const axis = gd && gd._fullLayout && gd._fullLayout.xaxis;
    if (!axis) return;
    const local = new Date(at).toLocaleString('sv-SE', { timeZone: state.zone });
    const x = axis._offset + axis.d2p(local);
    line.hidden = x < axis._offset || x > axis._offset + axis._length;
    line.style.left = x + 'px';
  }

  function start(day, m) {
    const canvas = document.createElement('canvas');
    canvas.width = day.columns;
    canvas.height = day.rows;
    const brush = canvas.getContext('2d');
    const image = brush.createImageData(day.columns, day.rows);
    const kernel = kernelOf(day);
    const density = new Float32Array(day.rows * day.columns);
    m.addSource('heat-play', { type: 'canvas', canvas, coordinates: day.corners, animate: true });
    m.addLayer({ id: 'heat-play', type: 'raster', source: 'heat-play',
      paint: { 'raster-opacity': 0.9, 'raster-fade-duration': 0 } }, 'outside');
    m.setLayoutProperty('heat', 'visibility', 'none');
    let frame = 0, head = 0, tail = 0;
    const timer = setInterval(() => {
      const minute = day.minutes * ++frame / FRAMES;
      while (head < day.at.length && day.minute[head] <= minute) stamps(day, kernel, density, head++, 1);
      while (tail < head && day.minute[tail] <= minute - day.width) stamps(day, kernel, density, tail++, -1);
      paint(day, density, image);
      brush.putImageData(image, 0, 0);
      cursor(day, minute);
      document.documentElement.dataset.frame = frame;
      if (frame >= FRAMES) stop();
    }, FRAME_MS);
    playing = { timer, m };
  }

  function stop() {
    if (!playing) return;
    clearInterval(playing.timer);
    const { m } = playing;
    playing = null;
    if (m.getLayer('heat-play')) m.removeLayer('heat-play');
    if (m.getSource('heat-play')) m.removeSource('heat-play');
    const state = qx.map.state();
    if (m.getLayer('heat')) m.setLayoutProperty('heat', 'visibility', state && state.layers.includes('heat') ? 'visible' : 'none');
    const button = id('play');
    button.textContent = button.dataset.play;
    id('play-cursor').hidden = true;
  }

  document.addEventListener('click', (event) => {
    if (!event.target.closest('#play')) return;
    if (playing) { stop(); return; }
    const m = qx.map.get(), state = qx.map.state();
    if (!m || !state) return;
    const button = id('play');
    button.textContent = button.dataset.stop;
    fetch('/api/v1/heat/play?' + new URLSearchParams({ path: state.path, search: location.search, theme: state.theme }))
      .then((r) => (r.ok ? r.json() : Promise.reject(r.status)))
      .then((day) => start(day, m))
      .catch(() => { button.textContent = button.dataset.play; });
  });
  addEventListener('popstate', stop);
  addEventListener('_dashprivate_pushstate', stop);
})();

// A small map to tap on: streets, roads and names on a canvas, from our own layers; one finger moves, two zoom.
window.tapMap = function (holder, config, onTap) {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  holder.prepend(canvas);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue('--' + name).trim();
  const [west, south, east, north] = config.box;
  const squeeze = Math.cos(((south + north) / 2) * Math.PI / 180);
  let layers = {};
  let at = { lon: (west + east) / 2, lat: (south + north) / 2, scale: 0 }; // pixels per degree of latitude
  let mark = null;
  let ratio = 1;

  const x = (lon) => canvas.width / 2 + (lon - at.lon) * squeeze * at.scale * ratio;
  const y = (lat) => canvas.height / 2 - (lat - at.lat) * at.scale * ratio;
  const place = (px, py) => [at.lon + (px - canvas.clientWidth / 2) / (squeeze * at.scale), at.lat - (py - canvas.clientHeight / 2) / at.scale];

  function lines(feature, close) {
    const paths = { Polygon: (c) => c, MultiPolygon: (c) => c.flat(), LineString: (c) => [c], MultiLineString: (c) => c }[feature.geometry.type];
    if (!paths) return;
    pen.beginPath();
    paths(feature.geometry.coordinates).forEach((line) => {
      line.forEach(([lon, lat], i) => (i ? pen.lineTo(x(lon), y(lat)) : pen.moveTo(x(lon), y(lat))));
      if (close) pen.closePath();
    });
  }
  function draw() {
    ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    if (!at.scale) at.scale = Math.min(canvas.clientHeight / (north - south), canvas.clientWidth / ((east - west) * squeeze)) * 0.94;
    pen.fillStyle = colour('ground');
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const metres = 111320 / at.scale;
    const each = (name, stroke, width, fill) => (layers[name] || []).forEach((feature) => {
      lines(feature, Boolean(fill));
      if (fill) { pen.fillStyle = fill; pen.fill(); }
      if (stroke) { pen.strokeStyle = stroke; pen.lineWidth = width * ratio; pen.stroke(); }
    });
    each('streets', null, 0, colour('surface'));
    each('water', null, 0, '#2a5673');
    if (metres < 14) each('road', colour('line-strong'), Math.min(5, 10 / metres));
    if (metres < 9) each('communities', colour('line'), 1);
    each('streets', colour('muted'), 1.4);
    pen.fillStyle = colour('text');
    pen.textAlign = 'center';
    pen.font = 12 * ratio + 'px sans-serif';
    pen.strokeStyle = colour('ground');
    pen.lineWidth = 3 * ratio;
    (layers.labels || []).filter((f) => (metres < 6 ? f.properties.level === 12 : f.properties.level === 9)).forEach((f) => {
      const [lon, lat] = f.geometry.coordinates;
      const text = config.lang === 'en' ? f.properties.en : f.properties.zh;
      pen.strokeText(text, x(lon), y(lat));
      pen.fillText(text, x(lon), y(lat));
    });
    if (metres < 5) roadNames();
    if (mark) {
      pen.beginPath();
      pen.arc(x(mark[0]), y(mark[1]), 9 * ratio, 0, 7);
      pen.fillStyle = colour('accent');
      pen.fill();
      pen.lineWidth = 3 * ratio;
      pen.strokeStyle = colour('text');
      pen.stroke();
    }
  }
  function roadNames() {
    const seen = new Set();
    (layers.road || []).forEach((f) => {
      const name = f.properties.name;
      if (!name || seen.has(name)) return;
      const line = f.geometry.type === 'LineString' ? f.geometry.coordinates : f.geometry.coordinates[0];
      const [lon, lat] = line[Math.floor(line.length / 2)];
      const px = x(lon), py = y(lat);
      if (px < 0 || py < 0 || px > canvas.width || py > canvas.height) return;
      seen.add(name);
      pen.strokeText(name, px, py);
      pen.fillText(name, px, py);
    });
  }

  const fingers = new Map();
  let moved = 0;
  let spread = 0;
  const zoom = (factor, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) => {
    const [lon, lat] = place(px, py);
    at.scale = Math.min(Math.max(at.scale * factor, 1500), 900000);
    const [lon2, lat2] = place(px, py);
    at.lon += lon - lon2;
    at.lat += lat - lat2;
    requestAnimationFrame(draw);
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    moved = fingers.size > 1 ? 99 : 0;
    spread = 0;
  });
  canvas.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (fingers.size === 1) {
      moved += Math.abs(event.offsetX - before[0]) + Math.abs(event.offsetY - before[1]);
      if (moved < 8) return;
      at.lon -= (event.offsetX - before[0]) / (squeeze * at.scale);
      at.lat += (event.offsetY - before[1]) / at.scale;
      requestAnimationFrame(draw);
    } else {
      const [[ax, ay], [bx, by]] = [...fingers.values()];
      const now = Math.hypot(ax - bx, ay - by);
      if (spread) zoom(now / spread, (ax + bx) / 2, (ay + by) / 2);
      spread = now;
    }
  });
  const lift = (event) => {
    if (fingers.delete(event.pointerId) && moved < 8 && event.type === 'pointerup') {
      mark = place(event.offsetX, event.offsetY);
      draw();
      onTap(mark[0], mark[1]);
    }
  };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);
  canvas.addEventListener('wheel', (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.4 : 1 / 1.4, event.offsetX, event.offsetY); }, { passive: false });
  new ResizeObserver(draw).observe(canvas);
  ['streets', 'labels', 'water', 'road', 'communities'].reduce((chain, name) => chain.then(() => fetch(config.root + '/' + name + '.json'))
    .then((answer) => answer.json()).then((data) => { layers[name] = data.features; draw(); holder.dataset.drawn = name; }).catch(() => {}), Promise.resolve());
  return {
    zoom,
    show(lon, lat) { mark = [lon, lat]; at = { lon, lat, scale: Math.max(at.scale, 60000) }; draw(); },
    clear() { mark = null; draw(); }
  };
};

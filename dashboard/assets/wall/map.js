// One map for as long as the page lives: its heat picture, its marks and its names are replaced, never the map.
(function () {
  const { config, element } = wall;
  const EMPTY = { type: 'FeatureCollection', features: [] };

  wall.makeMap = function (holder, layout) {
    const canvas = element('div', 'map-canvas');
    const names = element('div', 'map-names');
    holder.append(canvas, names);
    let map = null;
    let wanted = null;
    let fitted = '';

    const sub = () => canvas._fullLayout && canvas._fullLayout.map && canvas._fullLayout.map._subplot;
    Plotly.newPlot(canvas, [{ type: 'scattermap', lon: [], lat: [] }], {
      map: { style: config.style, center: { lon: 0, lat: 0 }, zoom: 1 },
      margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: '#0B0F14', showlegend: false
    }, { staticPlot: true, displayModeBar: false, responsive: false }).then(() => {
      const wait = () => {
        const found = sub() && sub().map;
        if (!found || !found.getSource || !found.getSource('points')) { setTimeout(wait, 60); return; }
        map = found;
        map.setLayoutProperty('marks', 'text-size', Math.max(14, layout.px * 0.42));
        if (wanted) show(wanted);
      };
      wait();
    });

    function fit(box) {
      const room = canvas.getBoundingClientRect();
      const key = box.join() + room.width + room.height;
      if (key === fitted) return;
      fitted = key;
      const pad = layout.px * 0.6;
      const camera = map.cameraForBounds([[box[0], box[1]], [box[2], box[3]]],
        { padding: { left: pad, top: pad, bottom: pad, right: pad + layout.panel } });
      if (camera) map.jumpTo(camera);
    }

    // A name that would lie over another, or over a bezel, is moved a little; if that does not help it is left out.
    function place(labels) {
      names.replaceChildren();
      const taken = [];
      const origin = names.getBoundingClientRect();
      [...labels].sort((a, b) => b.weight - a.weight).forEach((label) => {
        const at = map.project([label.lon, label.lat]);
        const wide = label.name.length * layout.px * (/^[\x00-\x7f]*$/.test(label.name) ? 0.56 : 1) + layout.px * 0.3;
        const high = layout.px * 1.06;
        for (const [dx, dy] of [[0, 0], [0, -0.6], [0, 0.6], [-0.5, 0], [0.5, 0], [-0.4, -0.7], [0.4, 0.7], [0.4, -0.7], [-0.4, 0.7], [0, -1.1], [0, 1.1]]) {
          const box = { left: at.x + dx * wide - wide / 2, top: at.y + dy * high - high / 2 };
          box.right = box.left + wide;
          box.bottom = box.top + high;
          const cut = (low, top, tile) => tile && Math.floor(low / tile) !== Math.floor(top / tile);
          if (cut(box.left + origin.left, box.right + origin.left, layout.tileWide) ||
              cut(box.top + origin.top, box.bottom + origin.top, layout.tileHigh)) continue;
          if (box.left < 0 || box.top < 0 || box.right > origin.width - layout.panel || box.bottom > origin.height) continue;
          if (taken.some((o) => o.left < box.right && box.left < o.right && o.top < box.bottom && box.top < o.bottom)) continue;
          taken.push(box);
          const text = element('span', '', label.name);
          text.style.left = (box.left + box.right) / 2 + 'px';
          text.style.top = (box.top + box.bottom) / 2 + 'px';
          names.append(text);
          break;
        }
      });
    }

    function show(data) {
      fit(data.box);
      map.getSource('heat').updateImage({ url: data.heat.url, coordinates: data.heat.corners });
      map.getSource('points').setData(data.marks.length ? {
        type: 'FeatureCollection',
        features: data.marks.map((m) => ({
          type: 'Feature', properties: { state: m.state }, geometry: { type: 'Point', coordinates: [m.lon, m.lat] }
        }))
      } : EMPTY);
      place(data.labels);
      document.documentElement.dataset.map = 'drawn';
    }

    return {
      show(data) { wanted = data; if (map) show(data); },
      idle: () => Boolean(map && map.loaded())
    };
  };
})();

// Controls -> address, and the state that the server sends -> the map's camera, fades and outlines.
window.dash_clientside = window.dash_clientside || {};

(function () {
  const keep = () => window.dash_clientside.no_update;
  // An answer that was on its way while a person changed a control writes the old value back: without a hand on the
  // page since that change it is not obeyed, and the next answer puts the control right.
  let touchedAt = 0;
  const wanted = {};
  ['pointerdown', 'keydown'].forEach((kind) => addEventListener(kind, () => { touchedAt = Date.now(); }, true));
  function isWrittenBack(key, value) {
    const text = String(value), now = Date.now(), last = wanted[key];
    if (last && text !== last.text && touchedAt <= last.at && now - last.at < 5000) return true;
    wanted[key] = { text, at: now };
    return false;
  }
  const set = (key, initial) => (value) => {
    if (value !== null && value !== undefined && !isWrittenBack(key, value)) qx.set(key, Array.isArray(value) ? value.join(',') : value, initial);
    return keep();
  };

  window.dash_clientside.qx = {
    // a window of a fixed length takes the place of one from a moment to another
    set_w: (value) => {
      if (!value || value === 'custom' || isWrittenBack('w', value)) return keep();
      const q = new URLSearchParams(location.search);
      if (!q.has('from') && (q.get('w') || '24h') === value) return keep();
      ['from', 'to', 'w'].forEach((key) => q.delete(key));
      if (value !== '24h') q.set('w', value);
      const text = q.toString().replaceAll('%2C', ',');
      qx.go(location.pathname + (text ? '?' + text : ''));
      return keep();
    },
    set_m: set('m', 'open'),
    // the finest level that has areas is what an address without `u` means
    set_u: (value) => {
      const offered = [...document.querySelectorAll('#unit input')].map((input) => input.value);
      return offered.includes(value) ? set('u', offered[offered.length - 1])(value) : keep();
    },
    set_layers: (value) => {
      const chosen = ['heat', 'points'].filter((name) => (value || []).includes(name)).join(',') || 'none';
      if (!isWrittenBack('layers', chosen)) qx.set('layers', chosen, 'points');
      return keep();
    },
    search: (code) => {
      if (!code) return keep();
      const q = new URLSearchParams(location.search);
      ['v', 'bucket', 'bu', 'topic'].forEach((key) => q.delete(key));
      const text = q.toString().replaceAll('%2C', ',');
      qx.go('/area/' + code + (text ? '?' + text : ''));
      return null;
    },
    steer: (state) => {
      if (state) qx.map.steer(state);
      return keep();
    }
  };
})();

// Two clocks of a wall: the server's time for people and ages, and the scene clock that all screens share.
window.wall = {};
(function () {
  const config = JSON.parse(document.getElementById('config').textContent);
  const asked = new URLSearchParams(location.search);
  const speed = Math.min(Math.max(Number(asked.get('speed')) || 1, 1), 600); // tests let the rotation run faster
  const start = performance.now();
  let offset = 0; // server minus this machine, in ms
  let begun = null; // server time at `start`, for a scene clock that runs faster

  const pad = (n) => String(n).padStart(2, '0');
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: config.zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'
  });
  const wall = Object.assign(window.wall, {
    config, asked, speed,
    now: () => Date.now() + offset,
    offset: () => offset,
    // The answer's time, half of the way there and back ago.
    heard(iso, sentAt) {
      const middle = (sentAt + Date.now()) / 2;
      offset = Date.parse(iso) - middle;
      if (begun === null) begun = wall.now() - (performance.now() - start);
    },
    // Seconds that decide which scene is on: the same on every screen that hears the same server.
    sceneSeconds: () => (begun === null ? 0 : (begun + (performance.now() - start) * speed) / 1000) +
      (begun === null || speed > 1 ? 0 : (wall.now() - begun - (performance.now() - start)) / 1000),
    clock: (ms) => shown.format(new Date(ms)),
    age(seconds) {
      const s = Math.max(0, Math.round(seconds));
      const zh = config.lang !== 'en';
      if (s < 60) return s + (zh ? '秒' : ' s');
      if (s < 3600) return Math.floor(s / 60) + (zh ? '分钟' : ' min');
      if (s < 172800) return Math.floor(s / 3600) + (zh ? '小时' : ' h');
      return Math.floor(s / 86400) + (zh ? '天' : ' d');
    },
    words: (key, values) => Object.entries(values || {})
      .reduce((text, [name, value]) => text.replace('{' + name + '}', value), config.words[key]),
    // Which of a zone's scenes is on, how far it is, and how many seconds it still stays.
    turn(scenes, seconds) {
      const dwell = scenes.map((name) => config.scenes[name].dwell_s);
      let at = seconds % dwell.reduce((sum, one) => sum + one, 0);
      let index = 0;
      while (at >= dwell[index]) { at -= dwell[index]; index += 1; }
      return { index, share: at / dwell[index], left: dwell[index] - at };
    },
    // Rule: fresh up to 2 periods, late up to 5, then stale; the worse of the two clocks counts.
    freshness(data, now) {
      if (data.ended || !data.data_time) return 'ended';
      const screen = (now - data.fetchedAt) / 1000 / (Math.max(data.period_s, 5));
      const record = (now - Date.parse(data.data_time)) / 1000 / data.data_period_s;
      const worst = Math.max(screen, record);
      return worst <= 2 ? 'fresh' : worst <= 5 ? 'late' : 'stale';
    },
    element(tag, css, text) {
      const made = document.createElement(tag);
      if (css) made.className = css;
      if (text !== undefined) made.textContent = text;
      return made;
    },
    pad
  });
})();

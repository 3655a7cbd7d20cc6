// The wall: zones of whole tiles, scenes in turn by the server's clock, the next one fetched before it is shown.
(function () {
  const { config, element, words, speed } = wall;
  const BACK_OFF_S = [5, 10, 20, 60];
  const STATE_S = 10;
  const AHEAD_S = 5;
  const IDLE_S = 120;
  const api = '/api/v1/wall/' + config.target;
  const suffix = '?lang=' + config.lang;
  const root = document.getElementById('wall');
  const counts = { refreshes: 0, rotations: 0, failures: 0, skipped: 0 };
  const held = wall.asked.get('at'); // one scene for ever, to look at it
  let lastError = '';
  let state = { waiting: 0 };
  let stateAt = Date.now();
  let pausedUntil = 0;
  let stale = ''; // why the page must be loaded again at the next rotation

  const tileWide = innerWidth / config.columns;
  const tileHigh = innerHeight / config.rows;
  const mm = config.mm_per_px || 1217.6 / tileWide; // unless told: panels of 55 inches
  const px = Math.min(config.metres * config.mm_per_metre / mm / config.cap_height, tileHigh / 9);
  document.documentElement.style.setProperty('--letter', px + 'px');

  const banner = element('div', 'banner');
  const strip = element('div', 'strip');
  root.append(banner, strip);

  const zones = config.zones.map((zone, n) => {
    const narrow = tileWide / px < 31;
    const box = element('section', 'zone' + (narrow ? ' narrow' : ''));
    Object.assign(box.style, {
      left: zone.x * tileWide + 'px', top: zone.y * tileHigh + 'px',
      width: zone.wide * tileWide + 'px', height: zone.high * tileHigh + 'px'
    });
    const mapBox = zone.scenes.includes('map') ? element('div', 'map-stage') : null;
    const head = element('header');
    const title = element('b', 'title');
    const schematic = config.demo && (!n || mapBox) ? words('schematic') : '';
    const place = [!n && !narrow ? config.place : '', schematic].filter(Boolean).join(' · ');
    const ages = element('span', 'ages');
    const clock = element('time', 'clock');
    head.append(title, element('span', 'place', place), ages, clock);
    head.style.width = tileWide + 'px';
    const body = element('div', 'body');
    const stage = element('div', 'stage');
    const foot = element('footer');
    const ticks = zone.scenes.map(() => { const tick = element('i'); tick.append(element('span')); foot.append(tick); return tick; });
    if (mapBox) body.append(mapBox);
    body.append(stage);
    box.append(head, body, foot);
    root.append(box);
    const panel = zone.wide > 1 ? tileWide : zone.wide * tileWide * 0.42;
    return { ...zone, box, head, body, title, ages, clock, mapBox, stage, ticks, foot, panel, map: null, on: -1, wanted: -1, scenes: zone.scenes };
  });

  // ------------------------------------------------------------------ fetching
  const known = {}; // scene -> its last good answer
  const tries = {}; // scene -> { busy, failed, nextAt }
  async function ask(path) {
    const sentAt = Date.now();
    const answer = await fetch(api + path + suffix, { signal: AbortSignal.timeout(20000), cache: 'no-store' });
    if (answer.status === 401 || answer.status === 403) { location.reload(); }
    if (!answer.ok) throw new Error(path + ' ' + answer.status);
    const data = await answer.json();
    wall.heard(data.now, sentAt);
    return data;
  }
  function pause(failed) { return BACK_OFF_S[Math.min(failed, BACK_OFF_S.length) - 1]; }
  async function fetchScene(name, then) {
    const row = tries[name] = tries[name] || { busy: false, failed: 0, nextAt: 0 };
    if (row.busy) return;
    row.busy = true;
    try {
      const data = await ask('/scene/' + name);
      data.fetchedAt = wall.now();
      known[name] = data;
      row.failed = 0;
      counts.refreshes += 1;
      row.nextAt = performance.now() + Math.max(data.period_s, 5) * 1000 * (0.8 + 0.4 * Math.random()) / speed;
      if (then) then(data);
    } catch (fault) {
      row.failed += 1;
      counts.failures += 1;
      lastError = String(fault.message || fault).slice(0, 200);
      row.nextAt = performance.now() + pause(row.failed) * 1000 / speed;
    } finally { row.busy = false; }
  }

  // ------------------------------------------------------------------ drawing
  const roomFor = (zone) => tileHigh - zone.head.offsetHeight - zone.foot.offsetHeight;
  function sizeOf(zone, isMap) {
    const wide = (isMap ? zone.panel : zone.wide * tileWide) / px - 1.6;
    return { px, wide, high: roomFor(zone) / px };
  }
  function draw(zone, name) {
    const data = known[name];
    const isMap = name === 'map';
    zone.box.dataset.scene = name;
    zone.title.textContent = data.title;
    zone.stage.style.width = isMap ? zone.panel + 'px' : zone.wide * tileWide + 'px';
    zone.stage.style.height = roomFor(zone) + 'px';
    zone.stage.classList.toggle('aside', isMap);
    if (zone.mapBox) zone.mapBox.classList.toggle('hidden', !isMap);
    wall.draw(zone.stage, data, sizeOf(zone, isMap));
    if (isMap) {
      zone.map = zone.map || wall.makeMap(zone.mapBox, { px, panel: zone.panel, tileWide: config.columns > 1 ? tileWide : 0, tileHigh: config.rows > 1 ? tileHigh : 0 });
      zone.map.show(data);
    }
  }
  function ages(zone, now) {
    const data = known[zone.scenes[zone.on]];
    if (!data) return;
    const fresh = lost() ? 'stale' : wall.freshness(data, now);
    zone.box.dataset.fresh = fresh;
    const at = data.data_time ? Date.parse(data.data_time) : now;
    const old = wall.words('ago', { age: wall.age((now - at) / 1000) });
    const text = {
      fresh: words('data') + ' ' + wall.clock(at), late: '◔ ' + words('late') + ' ' + wall.clock(at) + ' ' + old,
      stale: '▨ ' + words('as_of') + ' ' + wall.clock(at) + ' ' + old, ended: words('ended')
    }[fresh];
    zone.ages.textContent = text + ' · ' + words('screen') + ' ' + wall.clock(data.fetchedAt);
  }
  function lost() { return Date.now() - stateAt > 3.2 * STATE_S * 1000; }

  // ------------------------------------------------------------------ turns
  function show(zone, index) {
    if (zone.on === index) return;
    if (zone.on >= 0) {
      counts.rotations += 1;
      if (stale && !state.alarm) { location.reload(); return; }
    }
    zone.on = index;
    zone.box.classList.remove('waiting');
    draw(zone, zone.scenes[index]);
  }
  const skipped = new Set();
  function turn(zone, isPaused) {
    const t = wall.turn(zone.scenes, wall.sceneSeconds());
    const atHeld = zone.scenes.indexOf(held);
    const index = atHeld >= 0 ? atHeld : isPaused && zone.on >= 0 ? zone.on : t.index;
    const name = zone.scenes[index];
    const mine = () => performance.now();
    const row = tries[name];
    if (zone.on !== index) {
      const good = known[name] && (!row || row.failed === 0 || zone.on < 0);
      if (good) { skipped.delete(name); show(zone, index); }
      else if (!row || mine() >= row.nextAt) fetchScene(name);
      if (!good && row && row.failed && !skipped.has(name)) { skipped.add(name); counts.skipped += 1; }
    } else if (!row || (!row.busy && mine() >= row.nextAt)) {
      fetchScene(name, (data) => { if (zone.on === index && known[name] === data) draw(zone, name); });
    }
    if (zone.scenes.length > 1 && atHeld < 0 && !isPaused) { // the next scene, before the switch
      const next = zone.scenes[(t.index + 1) % zone.scenes.length];
      const its = tries[next];
      if (t.left < AHEAD_S && zone.wanted !== t.index && (!its || mine() >= its.nextAt || its.failed === 0)) { zone.wanted = t.index; fetchScene(next); }
    }
    zone.ticks.forEach((tick, k) => {
      tick.className = k === zone.on ? 'on' : skipped.has(zone.scenes[k]) ? 'skipped' : '';
      tick.firstChild.style.width = k === t.index && k === zone.on ? (t.share * 100).toFixed(1) + '%' : '0';
    });
  }

  function tick() {
    const now = wall.now();
    const isPaused = Date.now() < pausedUntil;
    if (!document.hidden) zones.forEach((zone) => turn(zone, isPaused)); // a hidden page draws nothing, but beats
    zones.forEach((zone, n) => {
      ages(zone, now);
      zone.clock.textContent = n ? '' : (isPaused ? '‖ ' + words('paused') + ' ' : '') + wall.clock(now);
    });
    const off = Math.round(Math.abs(wall.offset()) / 1000);
    document.body.classList.toggle('lost', lost());
    banner.textContent = lost() ? words('disconnected') : off > 60 ? words('clock', { n: off })
      : skipped.size ? words('skipped') + '：' + [...skipped].map((name) => config.scenes[name].title).join('、') : '';
    wall.alarm(state, root, strip);
    nightly();
  }

  async function askState() {
    try {
      state = await ask('/state');
      stateAt = Date.now();
      if (state.build !== config.build) stale = 'build';
      if (state.root !== config.root) stale = 'map';
    } catch (fault) { lastError = String(fault.message || fault).slice(0, 200); }
    setTimeout(askState, STATE_S * 1000 * (0.8 + 0.4 * Math.random()));
  }

  // ------------------------------------------------------------------ looking after itself
  const HEAP_BYTES = 350e6;
  const reloadShift = (Math.random() * 40 - 20) * 60000;
  const bornAt = Date.now();
  function nightly() {
    const heap = performance.memory ? performance.memory.usedJSHeapSize : 0;
    if (heap > HEAP_BYTES && Date.now() - bornAt > 600000) stale = stale || 'memory';
    const shifted = wall.clock(wall.now() - reloadShift);
    if (shifted.startsWith('04:00') && Date.now() - bornAt > 3600000) stale = stale || 'night';
    if (stale && zones.every((zone) => zone.scenes.length === 1) && !state.alarm && !lost()) location.reload();
  }
  wall.report = () => ({
    ...counts, scene: zones.map((zone) => zone.scenes[zone.on] || '').join(' '), build: config.build, error: lastError,
    heap: performance.memory ? performance.memory.usedJSHeapSize : null, width: innerWidth, height: innerHeight,
    data_time: (Object.values(known)[0] || {}).data_time || null, paused: Date.now() < pausedUntil, letter: px
  });

  async function beat() {
    const said = { ...wall.report(), data_time: (known[zones[0].scenes[zones[0].on]] || {}).data_time || null };
    try {
      await fetch(api + '/beat', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(said),
        signal: AbortSignal.timeout(20000)
      });
    } catch (fault) { lastError = String(fault.message || fault).slice(0, 200); }
  }

  ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'].forEach((kind) => addEventListener(kind, (event) => {
    if (kind === 'pointermove' && !event.movementX && !event.movementY) return;
    pausedUntil = Date.now() + IDLE_S * 1000 / speed;
    document.body.classList.add('touched');
    setTimeout(() => { if (Date.now() >= pausedUntil - 50) document.body.classList.remove('touched'); }, IDLE_S * 1000 / speed + 100);
  }, { passive: true }));

  wall.start = function () {
    askState();
    if (config.screen) { setTimeout(beat, 3000); setInterval(beat, 30000); }
    setInterval(tick, speed > 1 ? 50 : 250);
  };
  wall.start();
})();

// An alarm takes the screen for as long as the server says, then the scenes go on; others wait in a strip.
(function () {
  const { element, words } = wall;
  let box = null;
  let on = '';
  const PARTS = ['cause', 'place', 'action', 'owner', 'deadline'];

  wall.alarm = function (state, holder, strip) {
    const alarm = state.alarm && Date.parse(state.alarm.until) > wall.now() ? state.alarm : null;
    strip.textContent = state.waiting ? '▲ ' + words('alarms.more', { n: state.waiting }) : '';
    if ((alarm ? alarm.key : '') === on) return;
    on = alarm ? alarm.key : '';
    if (box) { box.remove(); box = null; }
    document.body.classList.toggle('alarmed', Boolean(alarm));
    if (!alarm) return;
    box = element('section', 'alarm');
    box.setAttribute('role', 'alert');
    box.append(element('h1', '', '▲ ' + words('alarm') + '  ' + alarm.title));
    const list = element('dl');
    PARTS.forEach((part) => list.append(element('dt', '', words('alarm.' + part)), element('dd', part, alarm[part])));
    box.append(list);
    const { columns, rows } = wall.config;
    if (columns > 1) { // inside one tile, so that no word lies on a bezel
      const [wide, high] = [innerWidth / columns, innerHeight / rows];
      const x = Math.floor((columns - 1) / 2);
      Object.assign(box.style, { inset: 'auto', left: (x + 0.03) * wide + 'px', top: high * 0.05 + 'px', width: wide * 0.94 + 'px', height: high * 0.9 + 'px' });
    }
    holder.append(box);
  };
})();

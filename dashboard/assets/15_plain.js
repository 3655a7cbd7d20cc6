// Parts that only show things come as one value (layouts/plain.py) and become elements here, changed in place.
(function () {
  function make(spec) {
    if (typeof spec === 'string') return document.createTextNode(spec);
    const node = document.createElement(spec[0]);
    Object.entries(spec[1]).forEach(([name, value]) => node.setAttribute(name, value));
    spec[2].forEach((child) => node.append(make(child)));
    return node;
  }
  // Elements of the same kind stay, so that focus, scrolling and the pointer's row survive a live change.
  function follow(node, specs) {
    specs.forEach((spec, i) => {
      const held = node.childNodes[i];
      if (!held) { node.append(make(spec)); return; }
      if (typeof spec === 'string') {
        if (held.nodeType !== Node.TEXT_NODE) held.replaceWith(make(spec));
        else if (held.data !== spec) held.data = spec;
        return;
      }
      if (held.nodeType !== Node.ELEMENT_NODE || held.localName !== spec[0]) { held.replaceWith(make(spec)); return; }
      [...held.attributes].forEach(({ name }) => { if (!(name in spec[1])) held.removeAttribute(name); });
      Object.entries(spec[1]).forEach(([name, value]) => { if (held.getAttribute(name) !== value) held.setAttribute(name, value); });
      if (!spec[1]['data-path'] && !spec[1]['data-own']) follow(held, spec[2]); // icons and notes are filled by others
    });
    while (node.childNodes.length > specs.length) node.lastChild.remove();
  }
  const draw = (box) => follow(box, JSON.parse(box.dataset.plain));
  new MutationObserver((changes) => {
    changes.forEach((change) => {
      if (change.type === 'attributes') { if (change.target.dataset.plain) draw(change.target); return; }
      change.addedNodes.forEach((node) => {
        if (node.nodeType !== Node.ELEMENT_NODE) return;
        if (node.dataset.plain) draw(node);
        node.querySelectorAll('[data-plain]').forEach(draw);
      });
    });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ['data-plain'] });
})();

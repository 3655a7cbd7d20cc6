// The queue and the map: the row under the pointer or in focus is marked on the map.
(function () {
  const mark = (event) => {
    const row = event.target.closest && event.target.closest('.queue-row');
    if (row) qx.map.spot(row.dataset.lon, row.dataset.lat);
  };
  document.addEventListener('mouseover', mark);
  document.addEventListener('focusin', mark);
  document.addEventListener('mouseout', (event) => {
    if (event.target.closest && event.target.closest('.queue-row')) qx.map.spot();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('a')) return;
    const row = event.target.closest('.queue-row');
    const link = row && row.querySelector('a');
    if (link) qx.go(link.getAttribute('href'));
  });
})();

// The board of the response chains follows the live record; its other tabs are of the moment they were opened.
document.addEventListener('qx:tick', () => {
  if (document.querySelector('#chains .chains-body.board') && window.dash_clientside && dash_clientside.set_props) {
    dash_clientside.set_props('chains', { 'data-tick': String(Date.now()) });
  }
});

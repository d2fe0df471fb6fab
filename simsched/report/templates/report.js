"use strict";
(() => {
{% include "shared.js" %}

  const isDrawn = drawFigures();
{% include "player.js" %}
  document.documentElement.dataset.drawn = String(isDrawn);
})();

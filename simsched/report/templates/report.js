"use strict";
(() => {
{% include "shared.js" %}

  document.documentElement.dataset.drawn = String(drawFigures());
})();

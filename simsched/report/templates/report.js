"use strict";
(() => {
{% include "shared.js" %}

{% include "player.js" %}

  drawFigures();
})();

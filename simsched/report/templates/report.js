"use strict";
(() => {
{% include "page.js" %}
{% include "copying.js" %}
{% include "figures.js" %}

{% include "player.js" %}

  drawFigures();
})();

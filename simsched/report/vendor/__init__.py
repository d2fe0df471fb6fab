"""plotly.js, for pages that work offline: the bundle of npm's plotly.js-cartesian-dist-min."""

  /** @param {string} id */
  const byId = (id) => document.getElementById(id);

  /** @param {string} name @param {string} [text] @param {Record<string, string>} [attributes] */
  const make = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

// The style of what is loaded after the first view.

let loaded;

/** Resolves when the style has been loaded, or cannot be. */
export function loadStyle() {
  loaded ??= new Promise((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL('./studio.css', import.meta.url).href;
    link.addEventListener('load', resolve);
    link.addEventListener('error', resolve);
    document.head.append(link);
  });
  return loaded;
}

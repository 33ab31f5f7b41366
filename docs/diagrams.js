// Draws each diagram in place of its source, again when the colour scheme changes.
const dark = matchMedia('(prefers-color-scheme: dark)');

async function drawAll() {
  globalThis.mermaid.initialize({
    startOnLoad: false,
    theme: dark.matches ? 'dark' : 'neutral',
    fontFamily: getComputedStyle(document.body).fontFamily,
    themeVariables: { fontSize: '14px' },
    sequence: { useMaxWidth: true, mirrorActors: false, width: 90, height: 40, actorMargin: 20, messageMargin: 30 },
  });
  for (const [index, figure] of document.querySelectorAll('.diagram').entries()) {
    const source = figure.querySelector('.diagram-source');
    const { svg } = await globalThis.mermaid.render(`diagram-${index}`, source.textContent);
    figure.querySelector('.drawing')?.remove();
    const drawing = document.createElement('div');
    drawing.className = 'drawing';
    drawing.innerHTML = svg;
    figure.append(drawing);
    source.hidden = true;
  }
}

drawAll();
dark.addEventListener('change', drawAll);

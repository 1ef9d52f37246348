'use strict';
// Reads a QR code from the screen, as a phone's camera would.

// What the code on a part of a page says, or null.
async function scan(page, part) {
  const png = (await part.screenshot()).toString('base64');
  // In a page of its own: the one that is looked at loads nothing.
  const reader = await page.context().newPage();
  await reader.addScriptTag({ path: require.resolve('jsqr') });
  const text = await reader.evaluate(async (source) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${source}`;
    await picture.decode();
    const { width, height } = picture;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(picture, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    // Not every app reads light codes on dark ground.
    return jsQR(data, width, height, { inversionAttempts: 'dontInvert' })?.data ?? null;
  }, png);
  await reader.close();
  return text;
}

module.exports = { scan };

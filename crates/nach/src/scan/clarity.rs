//! Whether a picture can be read at all. Source: paper-nach 6.3, U11; the measures are our own.
//!
//! This is no judgement of quality: only pictures on which no one could read a word are refused, so
//! that a payer learns it at once and not from the bank days later.

use super::Unclear;
use super::picture::Picture;

/// Width at which pictures are looked at: print is two to three pixels thick.
const WIDTH: usize = 800;
/// Least difference between paper and ink, of 255.
const CONTRAST_MIN: u8 = 40;
/// Least steepness of edges, in percent of the contrast from one pixel to the second next.
const EDGE_MIN: u32 = 30;

pub(super) fn check(picture: &Picture) -> Result<(), Unclear> {
    let height = (picture.height() * WIDTH / picture.width()).max(1);
    let small = picture.scaled(picture.whole(), WIDTH, height);
    // Paper is what most of the picture is; ink covers at least half a percent of a form.
    let paper = nth(small.pixels().iter().copied(), 500);
    let ink = nth(small.pixels().iter().copied(), 5);
    let contrast = paper.saturating_sub(ink);
    if contrast < CONTRAST_MIN {
        return Err(Unclear::Blank);
    }
    let edges =
        small.rows().flat_map(|row| row.windows(3).map(|three| three[0].abs_diff(three[2])));
    let edge = nth(edges, 992);
    if u32::from(edge) * 100 < u32::from(contrast) * EDGE_MIN {
        return Err(Unclear::Blurred);
    }
    Ok(())
}

/// The value below which so many thousandths of all values are.
fn nth(values: impl Iterator<Item = u8>, thousandths: usize) -> u8 {
    let (mut counts, mut all) = ([0_usize; 256], 0);
    for value in values {
        counts[usize::from(value)] += 1;
        all += 1;
    }
    let (mut below, wanted) = (0, all * thousandths / 1_000);
    for (value, count) in (0..=u8::MAX).zip(counts) {
        below += count;
        if below > wanted {
            return value;
        }
    }
    u8::MAX
}

//! What uploads are accepted, why others are refused, and what leaves.

use super::*;

mod bank;
mod files;
mod hostile;
mod uploads;

const TEST: Rules<'static> = Rules::Test { file_name: "scan.jpg" };

/// The sheet as it comes from a scanner.
fn sheet(dpi: i32) -> Picture {
    let (width, height, grey) = crate::form::tests::raster::sheet(dpi);
    Picture::new(width, height, grey).unwrap()
}

fn broken() -> Refusal {
    Refusal::NotClear(Unclear::Broken)
}

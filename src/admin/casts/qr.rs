//! An address as a QR code, drawn by this server (pure).

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, without which readers do not find it (ISO/IEC 18004 6.3.8).
const QUIET: usize = 4;

/// A drawing of `address`: how many units its sides have, and the path of its dark modules. `None` for an address that
/// is longer than a code can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) side: usize,
    pub(super) path: String,
}

impl Drawing {
    pub(super) fn of(address: &str) -> Option<Self> {
        use std::fmt::Write;
        let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
        let width = code.width();
        let modules = code.to_colors();
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            // Dark modules side by side are one bar.
            for run in row.chunk_by(|one, other| one == other) {
                if run[0] == Color::Dark {
                    let (left, top, length) = (x + QUIET, y + QUIET, run.len());
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
                }
                x += run.len();
            }
        }
        Some(Self {
            side: width + 2 * QUIET,
            path,
        })
    }

    /// The part a page shows: half of the light modules, its frame is the rest.
    pub(super) fn shown(&self) -> String {
        let (margin, side) = (QUIET / 2, self.side - QUIET);
        format!("{margin} {margin} {side} {side}")
    }

    /// A file of its own, dark on light wherever it is shown.
    pub(super) fn svg(&self) -> String {
        let Self { side, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_square_and_its_bars_are_inside() {
        let drawing = Drawing::of("https://desk.school.example/cast/biology-7b").unwrap();
        assert!(drawing.side >= 21 + 2 * QUIET);
        // The finder's upper edge: seven dark modules.
        assert!(drawing.path.starts_with("M4 4h7v1h-7z"), "{}", drawing.path);
        for bar in drawing.path.split('M').skip(1) {
            let (x, rest) = bar.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let number = |text: &str| text.parse::<usize>().unwrap();
            assert!(
                number(x) + number(length) <= drawing.side - QUIET
                    && number(y) < drawing.side - QUIET
            );
        }
        assert!(drawing.svg().contains(&drawing.path));
        assert!(Drawing::of(&"x".repeat(3_000)).is_none());
    }
}

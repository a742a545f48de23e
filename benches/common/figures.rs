//! Figures: what stands for many of them, and how they are printed.

use std::time::Duration;

/// The value below which this share (0 to 1) of the sorted values lies.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of some thousands"
    )]
    let at = (share * values.len() as f64).ceil() as usize;
    values
        .get(at.clamp(1, values.len().max(1)) - 1)
        .copied()
        .unwrap_or(f64::NAN)
}

/// The value in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(&mut values.to_vec(), 0.5)
}

/// For a table.
pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Rows of figures under headings.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// An empty one; `head` names the columns besides the first.
    pub(crate) fn new<'h>(head: impl IntoIterator<Item = &'h str>) -> Self {
        Self {
            head: head.into_iter().map(str::to_owned).collect(),
            rows: Vec::new(),
        }
    }

    /// One more row, each figure with as many digits as say something. No figure is a dash.
    pub(crate) fn row(&mut self, name: &str, figures: &[f64]) {
        let cells = figures.iter().map(|figure| match figure {
            none if none.is_nan() => "–".to_owned(),
            small if small.abs() < 10.0 => format!("{small:.2}"),
            middle if middle.abs() < 100.0 => format!("{middle:.1}"),
            large => format!("{large:.0}"),
        });
        self.rows.push((name.to_owned(), cells.collect()));
    }

    /// Prints it.
    pub(crate) fn print(&self, title: &str) {
        let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let first = widest(&mut self.rows.iter().map(|(name, _)| name.chars().count()));
        let widths: Vec<usize> = (0..self.head.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(at));
                widest(
                    &mut cells
                        .chain([&self.head[at]])
                        .map(|cell| cell.chars().count()),
                )
            })
            .collect();
        let line = |name: &str, cells: &[String]| {
            print!("  {name:first$}");
            for (cell, width) in cells.iter().zip(&widths) {
                print!("  {cell:>width$}");
            }
            println!();
        };
        println!("\n{title}");
        line("", &self.head);
        for (name, cells) in &self.rows {
            line(name, cells);
        }
    }
}

/// Says whether a goal is met, in words that `scripts/bench.sh` counts.
pub(crate) fn judge(goal: &str, met: bool) {
    println!("  goal {}: {goal}", if met { "met" } else { "MISSED" });
}

//! The figures of all ways and rounds, by what was measured.

use std::ops::Range;

use super::figures::{Table, judge, median};

/// Rows in the order in which they were first written; one column for each way.
#[derive(Debug)]
pub(crate) struct Sheet {
    ways: Vec<&'static str>,
    rows: Vec<(&'static str, Vec<Vec<f64>>)>,
}

/// Our figure as a multiple of the best peer's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
}

/// One column of a sheet.
#[derive(Debug)]
pub(crate) struct Column<'s> {
    sheet: &'s mut Sheet,
    at: usize,
}

impl Sheet {
    pub(crate) fn new(ways: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            ways: ways.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn of(&mut self, at: usize) -> Column<'_> {
        Column { sheet: self, at }
    }

    pub(crate) fn has(&self, row: &str) -> bool {
        self.rows.iter().any(|(name, _)| *name == row)
    }

    /// The median of all rounds.
    pub(crate) fn figure(&self, row: &str, column: usize) -> f64 {
        let row = self.rows.iter().find(|(name, _)| *name == row);
        row.map_or(f64::NAN, |(_, ways)| median(&ways[column]))
    }

    /// Judges our figure of `row` beside the best of the peers', which is the highest, or the lowest where less is
    /// better: their ratio is said, and met when it is `factor` or better. Nothing is said about a row that was not
    /// measured.
    pub(crate) fn judge(&self, row: &str, own: usize, peers: Range<usize>, goal: Goal) -> bool {
        if !self.has(row) {
            return true;
        }
        let figures = peers.map(|peer| (self.figure(row, peer), self.ways[peer]));
        let best = match goal {
            Goal::AtLeast(_) => figures.max_by(|a, b| a.0.total_cmp(&b.0)),
            Goal::AtMost(_) => figures.min_by(|a, b| a.0.total_cmp(&b.0)),
        };
        let (best, name) = best.unwrap_or((f64::NAN, "nobody"));
        let ratio = self.figure(row, own) / best;
        let (met, words, factor) = match goal {
            Goal::AtLeast(factor) => (ratio >= factor, "at least", factor),
            Goal::AtMost(factor) => (ratio <= factor, "at most", factor),
        };
        judge(
            &format!("{row}: {ratio:.2} x {name}, {words} {factor}"),
            met,
        );
        met
    }

    pub(crate) fn print(&self, title: &str) {
        let mut table = Table::new(self.ways.iter().copied());
        for (name, ways) in &self.rows {
            let medians: Vec<f64> = ways.iter().map(|rounds| median(rounds)).collect();
            table.row(name, &medians);
        }
        table.print(title);
    }
}

impl Column<'_> {
    /// Writes one round's figure down.
    pub(crate) fn put(&mut self, row: &'static str, figure: f64) {
        let rows = &mut self.sheet.rows;
        let at = rows.iter().position(|(name, _)| *name == row);
        let at = at.unwrap_or_else(|| {
            rows.push((row, vec![Vec::new(); self.sheet.ways.len()]));
            rows.len() - 1
        });
        rows[at].1[self.at].push(figure);
    }
}

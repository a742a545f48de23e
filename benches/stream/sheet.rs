//! The figures of all ways and rounds, by what was measured.

use super::ways::Way;
use crate::common::figures::{Table, median};

/// Rows in the order in which they were first written; one column for each way.
#[derive(Debug)]
pub(crate) struct Sheet {
    ways: Vec<&'static str>,
    rows: Vec<(&'static str, Vec<Vec<f64>>)>,
}

/// One column of a sheet.
#[derive(Debug)]
pub(crate) struct Column<'s> {
    sheet: &'s mut Sheet,
    at: usize,
}

impl Sheet {
    pub(crate) fn new(ways: &[Way]) -> Self {
        Self {
            ways: ways.iter().map(Way::name).collect(),
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

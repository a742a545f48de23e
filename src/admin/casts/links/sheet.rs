//! Links as a table for a spreadsheet (RFC 4180).

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Given;
use crate::{
    casting::{Cast, links::CastLink},
    error::{AppError, Result},
};

/// What was just made, with the addresses.
pub(super) fn of_made(cast: &Cast, given: &[Given]) -> Result<Response> {
    let rows = given
        .iter()
        .map(|link| [link.name.clone(), link.text().to_owned()]);
    answer(cast, "new", ["name", "url"], rows)
}

/// What became of all of them.
pub(super) fn of_all(cast: &Cast, links: &[CastLink]) -> Result<Response> {
    let rows = links.iter().map(|link| {
        [
            link.name.clone(),
            link.state.key().to_owned(),
            link.user_name.clone().unwrap_or_default(),
            moment(link.used_at),
            moment(link.withdrawn_at),
            moment(Some(link.created_at)),
        ]
    });
    let heads = [
        "name",
        "state",
        "used_by",
        "used_at",
        "withdrawn_at",
        "created_at",
    ];
    answer(cast, "links", heads, rows)
}

fn moment(moment: Option<OffsetDateTime>) -> String {
    let utc = moment.map(|moment| moment.to_offset(time::UtcOffset::UTC));
    utc.and_then(|utc| utc.format(&Rfc3339).ok())
        .unwrap_or_default()
}

fn answer<const N: usize>(
    cast: &Cast,
    what: &str,
    heads: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Response> {
    let table = table(heads, rows).map_err(AppError::internal)?;
    let name = format!(
        "attachment; filename=\"cast-{}-{what}.csv\"",
        cast.fields.key
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, table).into_response())
}

fn table<const N: usize>(
    heads: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table.write_record(heads)?;
    for row in rows {
        table.write_record(row.map(|cell| harmless(&cell)))?;
    }
    table
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_cell_whatever_stands_in_it() {
        let rows = [
            [
                "Mia, \"the first\"".to_owned(),
                "https://a/?once=-x".to_owned(),
            ],
            ["=cmd|' /c calc'!A1".to_owned(), String::new()],
        ];
        let text = table(["name", "url"], rows.into_iter()).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "name,url\r\n\"Mia, \"\"the first\"\"\",https://a/?once=-x\r\n'=cmd|' /c calc'!A1,\r\n"
        );
    }
}

//! A JSON body whose fields may be left out: each is read by itself, so that every wrong one is told at once.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    error::{AppError, FieldProblem, Result},
    say,
};

/// Fields that are still to be read, and what was wrong with those that were.
#[derive(Debug)]
pub(super) struct Body {
    fields: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Body {
    /// Without the fields in `read_only`: a body may carry them, so that what was read can be sent back changed.
    pub(super) fn new(mut fields: Map<String, Value>, read_only: &[&str]) -> Self {
        fields.retain(|name, _| !read_only.contains(&name.as_str()));
        Self {
            fields,
            problems: Vec::new(),
        }
    }

    /// The field `name`, if it is there.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.fields.remove(name)?;
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                // What a stranger wrote may be in there, of any length.
                let cause: String = error.to_string().chars().take(200).collect();
                self.wrong(FieldProblem::new(
                    name,
                    say!("body-unreadable", cause = cause),
                ));
                None
            }
        }
    }

    /// The same as it was sent.
    pub(super) fn take_raw(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    /// Writes down a problem.
    pub(super) fn wrong(&mut self, problem: FieldProblem) {
        self.problems.push(problem);
    }

    /// Refuses the body when anything was wrong, in it or in what came of it. A field that could not be read is not
    /// told twice.
    pub(super) fn finish(self, of_the_whole: Vec<FieldProblem>) -> Result<()> {
        let Self { fields, problems } = self;
        let unknown = fields.keys().map(|name| {
            let shown: String = name.chars().take(60).collect();
            FieldProblem::new(shown, say!("body-unknown-field"))
        });
        let told: Vec<_> = problems
            .iter()
            .map(|problem| problem.field.clone())
            .collect();
        let all: Vec<_> = problems
            .iter()
            .cloned()
            .chain(unknown)
            .chain(
                of_the_whole
                    .into_iter()
                    .filter(|problem| !told.contains(&problem.field)),
            )
            .collect();
        if all.is_empty() {
            Ok(())
        } else {
            Err(AppError::Invalid(all))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_wrong_field_is_named_once() {
        let Value::Object(fields) = json!({"name": 3, "on": true, "id": "x", "extra": 1}) else {
            panic!("an object")
        };
        let mut body = Body::new(fields, &["id"]);
        assert_eq!(body.take::<String>("name"), None);
        assert_eq!(body.take::<bool>("on"), Some(true));
        assert_eq!(body.take::<bool>("missing"), None);
        let of_the_whole =
            ["name", "other"].map(|field| FieldProblem::new(field, say!("body-unknown-field")));
        let Err(AppError::Invalid(problems)) = body.finish(of_the_whole.into()) else {
            panic!("refused")
        };
        let named: Vec<_> = problems.iter().map(|problem| &problem.field).collect();
        assert_eq!(named, ["name", "extra", "other"]);
    }
}

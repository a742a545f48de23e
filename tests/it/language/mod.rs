//! The language files, what uses them, and the pages they make.

mod files;
mod german;
mod hidden_words;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

/// A message of a language file.
#[derive(Debug, Default)]
struct Message {
    /// Its fixed texts, each as it stands between two values.
    texts: Vec<String>,
    /// The names of its values.
    arguments: BTreeSet<String>,
}

/// The messages of `locales/<code>.ftl`, which can be read without a fault.
fn messages(code: &str) -> BTreeMap<String, Message> {
    let text = read(&root().join(format!("locales/{code}.ftl")));
    let resource =
        parser::parse(text.as_str()).unwrap_or_else(|(_, faults)| panic!("{code}.ftl: {faults:?}"));
    let mut found = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(entry) = entry else {
            continue;
        };
        let mut message = Message::default();
        let pattern = entry.value.expect("a message has a value");
        message.read(&pattern);
        let key = entry.id.name.to_owned();
        let double = found.insert(key.clone(), message);
        assert!(double.is_none(), "{code}.ftl has {key} twice");
    }
    found
}

impl Message {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.texts.push((*value).to_owned()),
                PatternElement::Placeable { expression } => self.read_expression(expression),
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.read_inline(inline),
            Expression::Select { selector, variants } => {
                self.read_inline(selector);
                for variant in variants {
                    self.read(&variant.value);
                }
            }
        }
    }

    fn read_inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.arguments.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.read_expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            other => panic!("one message refers to another: {other:?}"),
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below `folder` with this ending: its path below it, and its text.
fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = root().join(folder);
    let mut paths = Vec::new();
    collect(&folder, ending, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "nothing in {}", folder.display());
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&folder).unwrap().display().to_string();
            let text = read(&path);
            (name, text)
        })
        .collect()
}

fn collect(folder: &Path, ending: &str, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ending, paths);
        } else if path.extension().is_some_and(|found| found == ending) {
            paths.push(path);
        }
    }
}

/// The Rust sources without comments and without what only tests have.
fn sources() -> Vec<(String, String)> {
    texts("src", "rs")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("tests.rs"))
        .map(|(path, text)| (path, without_tests(&text)))
        .collect()
}

fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            // The item after it: to the end of its block, or of its one line.
            for inside in lines.by_ref() {
                if inside == "}" || (inside.ends_with(';') && !inside.starts_with(' ')) {
                    break;
                }
            }
        } else if !line.trim_start().starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The rest of `text` after each `before`, up to the bracket that closes it.
fn arguments_of<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
    text.match_indices(before)
        .map(|(at, _)| {
            let rest = &text[at + before.len()..];
            let mut depth = 1;
            let mut in_text = false;
            let mut escaped = false;
            let end = rest.find(|letter| {
                match letter {
                    _ if escaped => {
                        escaped = false;
                        return false;
                    }
                    '\\' if in_text => escaped = true,
                    '"' => in_text = !in_text,
                    '(' if !in_text => depth += 1,
                    ')' if !in_text => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect()
}

/// The string literals in a piece of code.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = code.chars();
    while letters.by_ref().any(|letter| letter == '"') {
        let mut literal = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => literal.extend(letters.next()),
                '"' => break,
                _ => literal.push(letter),
            }
        }
        found.push(literal);
    }
    found
}

/// `text` without what stands between `open` and `close`.
fn without(text: &str, open: &str, close: &str, instead: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        kept.push_str(&rest[..at]);
        kept.push_str(instead);
        rest = rest[at..]
            .find(close)
            .map_or("", |end| &rest[at + end + close.len()..]);
    }
    kept.push_str(rest);
    kept
}

/// Whether somebody would read a word here: two letters in a row, and not only a name or a unit.
fn has_words(text: &str) -> bool {
    text.split(|letter: char| !letter.is_alphabetic())
        .any(|word| word.chars().count() >= 2 && !["Deskcast", "GB"].contains(&word))
}

//! Reads the source as the rules need it: lines of code, and what each file imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A file of `src/`.
pub(super) struct Source {
    /// Below `src/`, with `/`.
    pub path: String,
    /// Code without comments and without the tests at its foot.
    pub lines: Vec<(usize, String)>,
}

impl Source {
    /// The room it belongs to: its first folder, or its name at the top.
    pub(super) fn room(&self) -> &str {
        room_of(&self.path)
    }
}

pub(super) fn room_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

/// Every file besides those that hold nothing but tests.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files
        .into_iter()
        .map(|file| Source {
            path: file.strip_prefix(&root).unwrap().display().to_string(),
            lines: code(&fs::read_to_string(&file).unwrap()),
        })
        .filter(|source| !source.path.ends_with("/tests.rs"))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

pub(super) fn code(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].contains("mod tests {"));
    lines[..tests.unwrap_or(lines.len())]
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, (*line).to_owned()))
        .collect()
}

/// A path of this crate that a line names, from the top: `["sessions", "guard", "CurrentUser"]`.
pub(super) type CratePath = Vec<String>;

/// Every path of this crate that `source` names, in grouped imports too, with its line.
pub(super) fn paths(source: &Source) -> Vec<(usize, CratePath)> {
    let here = module(&source.path);
    let mut found = Vec::new();
    let mut text = String::new();
    let mut starts = Vec::new();
    for (number, line) in &source.lines {
        starts.push((text.len(), *number));
        text.push_str(line);
        text.push('\n');
    }
    let line_at = |at: usize| {
        let index = starts.partition_point(|(start, _)| *start <= at);
        starts[index - 1].1
    };
    for (word, base) in [
        ("crate::", Vec::new()),
        ("super::", here[..here.len().saturating_sub(1)].to_vec()),
        ("self::", here.clone()),
    ] {
        let mut from = 0;
        while let Some(at) = text[from..].find(word).map(|at| at + from) {
            from = at + word.len();
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
                continue;
            }
            let mut base = base.clone();
            let mut rest = &text[from..];
            while let Some(shorter) = rest.strip_prefix("super::") {
                base.pop();
                rest = shorter;
            }
            for path in tree(rest) {
                let mut whole = base.clone();
                whole.extend(path);
                found.push((line_at(at), whole));
            }
        }
    }
    found
}

/// `a::{b, c::{self, d}}` is `a::b`, `a::c`, `a::c::d`.
fn tree(text: &str) -> Vec<CratePath> {
    let mut reader = Reader { text, at: 0 };
    reader.paths()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn paths(&mut self) -> Vec<CratePath> {
        self.blanks();
        if self.takes("{") {
            let mut all = Vec::new();
            loop {
                self.blanks();
                if self.takes("}") || self.at >= self.text.len() {
                    return all;
                }
                all.extend(self.paths());
                self.blanks();
                // `a as b`
                while !matches!(self.text[self.at..].chars().next(), Some(',' | '}') | None) {
                    self.at += 1;
                }
                self.takes(",");
            }
        }
        let word: String = self.text[self.at..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '*')
            .collect();
        self.at += word.len();
        let own = if word == "self" {
            Vec::new()
        } else {
            vec![word]
        };
        if !self.takes("::") {
            return vec![own];
        }
        let below = self.paths();
        below
            .into_iter()
            .map(|path| own.iter().cloned().chain(path).collect())
            .collect()
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }
}

/// The module of a file, from the top.
fn module(path: &str) -> CratePath {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") {
        return Vec::new();
    }
    path.split('/').map(str::to_owned).collect()
}

/// Which file names which: by file, the files it imports from.
pub(super) fn arrows(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<CratePath, String> = sources
        .iter()
        .map(|source| (module(&source.path), source.path.clone()))
        .collect();
    let file_of = |path: &CratePath| {
        (1..=path.len())
            .rev()
            .find_map(|length| files.get(&path[..length]))
    };
    sources
        .iter()
        .map(|source| {
            let named: BTreeSet<String> = paths(source)
                .iter()
                .filter_map(|(_, path)| file_of(path))
                .filter(|file| **file != source.path)
                .cloned()
                .collect();
            (source.path.clone(), named)
        })
        .collect()
}

/// Files that reach each other by imports, and so themselves: each set has at least two.
pub(super) fn circles(arrows: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> = arrows
        .keys()
        .map(|file| {
            let mut seen = BTreeSet::new();
            let mut next: Vec<&String> = arrows[file].iter().collect();
            while let Some(one) = next.pop() {
                if seen.insert(one) {
                    next.extend(arrows.get(one).into_iter().flatten());
                }
            }
            (file, seen)
        })
        .collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (file, seen) in &reach {
        if !seen.contains(*file) || found.iter().any(|circle| circle.contains(*file)) {
            continue;
        }
        let circle = seen
            .iter()
            .filter(|other| reach.get(**other).is_some_and(|back| back.contains(*file)))
            .map(|other| (*other).clone())
            .collect();
        found.push(circle);
    }
    found
}
